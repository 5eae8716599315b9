#include "process/process_guard.h"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sheafline/error.h>

#include "base/process_tree.h"
#include "process/process.h"

namespace sheafline {

namespace {

// A process that the kernel cannot end now, in the middle of a read from a dead file server, must
// not hold the batch.
constexpr int kKillRounds = 200;
constexpr timespec kRound{.tv_sec = 0, .tv_nsec = 10'000'000};

bool parentIsGone() {
    char byte = 0;
    return ::recv(kPeerSocket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void reapAll() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

// Children of a killed process become ours, so one round per generation is enough.
void killAllBelow(const sigset_t& child_ended) {
    for (int round = 0; round < kKillRounds; ++round) {
        reapAll();
        const std::vector<pid_t> children = childrenOf(::getpid());
        if (children.empty()) return;
        for (const pid_t child : children) ::kill(child, SIGKILL);
        ::sigtimedwait(&child_ended, nullptr, &kRound);
    }
}

[[noreturn]] void endAs(int status) {
    if (!WIFSIGNALED(status)) ::_exit(WEXITSTATUS(status));
    const int signal = WTERMSIG(status);
    const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};  // the worker's own core says enough
    ::setrlimit(RLIMIT_CORE, &no_core);
    std::signal(signal, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    ::sigprocmask(SIG_UNBLOCK, &one, nullptr);
    ::kill(::getpid(), signal);
    ::_exit(128 + signal);
}

// Reaps orphans that ended; says whether the worker did, which stays unreaped: its process group
// keeps its number for the kill.
bool workerEnded(pid_t worker) {
    while (true) {
        siginfo_t ended{};
        if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0)
            return false;
        if (ended.si_pid == worker) return true;
        ::waitpid(ended.si_pid, nullptr, 0);
    }
}

[[noreturn]] void guard(pid_t worker, bool own_group, const sigset_t& watched) {
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    while (!workerEnded(worker)) {
        const int signal = ::sigwaitinfo(&watched, nullptr);
        if (signal == guardSignal()) ::kill(worker, SIGKILL);
        if (signal == SIGTERM) ::kill(worker, SIGTERM);  // a person took the guard for the worker
    }
    if (own_group) ::kill(-worker, SIGKILL);
    int status = 0;
    ::waitpid(worker, &status, 0);
    killAllBelow(child_ended);
    endAs(status);
}

}  // namespace

int guardSignal() { return SIGRTMIN + 3; }

void guardThisProcess() {
    ::fcntl(kPeerSocket, F_SETFD, FD_CLOEXEC);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_PDEATHSIG, guardSignal());
    // The parent may have died before the line above: then its end of the socket is closed.
    if (parentIsGone()) ::_exit(0);
    const pid_t guarding = ::getpid();
    const bool own_group = ::getpgrp() == guarding;
    const pid_t worker = ::fork();
    if (worker < 0) throwSystemError(errno, "cannot start a process of this program");
    if (worker > 0) {
        if (own_group) ::setpgid(worker, worker);  // both sides: whichever comes first
        ::close_range(STDERR_FILENO + 1, ~0U, 0);
        sigset_t watched;
        sigemptyset(&watched);
        sigaddset(&watched, SIGCHLD);
        sigaddset(&watched, guardSignal());
        sigaddset(&watched, SIGTERM);
        guard(worker, own_group, watched);
    }
    if (own_group) ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != guarding) ::_exit(0);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace sheafline
