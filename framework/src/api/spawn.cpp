#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <limits>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/spawn.h>

#include "api/program_search.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX requires it

namespace sheafline {

namespace {

constexpr int kFirstOther = STDERR_FILENO + 1;
constexpr int kSignalCount = 64;  // of Linux
constexpr std::size_t kSignalSetBytes = kSignalCount / 8;
constexpr std::size_t kStackBytes = 64UL << 10U;

// What the child needs, prepared before it starts: it must not allocate.
struct Start {
    std::vector<std::string> files{};  // to execute; the first that exists is taken
    std::vector<const char*> file_names{};
    std::vector<char*> arguments{};
    std::vector<char*> environment{};
    const char* folder = nullptr;
    std::array<int, 3> placed{-1, -1, -1};  // become the descriptors 1, 2 and 3
    bool own_group = false;
    bool ends_with_caller = false;
    pid_t caller = 0;
    int* error = nullptr;  // why the program does not run; in memory that both processes share
};

// Memory that a child shares with its caller: its stack, and the error at the stack's far end.
class SharedStack {
 public:
    SharedStack()
        : memory_(::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0)) {
        if (memory_ == MAP_FAILED) throwSystemError(errno, "cannot start a program");
    }
    ~SharedStack() { ::munmap(memory_, kStackBytes); }
    SharedStack(const SharedStack&) = delete;
    SharedStack& operator=(const SharedStack&) = delete;

    int* error() const { return static_cast<int*>(memory_); }  // 0 at first
    void* top() const { return static_cast<std::byte*>(memory_) + kStackBytes; }

 private:
    void* memory_;
};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
// A sanitizer notes in memory what a thread does, and the child ends in the middle of a function.
constexpr int kCloneFlags = CLONE_VFORK | SIGCHLD;
#else
constexpr int kCloneFlags = CLONE_VM | CLONE_VFORK | SIGCHLD;
#endif

// The child shares the memory of the caller, whose thread waits until it has executed its program.
// So it calls the kernel directly: functions of the C library may be intercepted by a sanitizer,
// which would note the closed files and signal handlers as those of the caller.
template <class... Values>
bool kernel(long number, Values... values) {
    return ::syscall(number, values...) >= 0;
}

bool resetSignals() {
    constexpr std::array<unsigned long, 4> kDefaultAction{};  // the kernel's `struct sigaction`
    for (int signal = 1; signal <= kSignalCount; ++signal) {
        if (signal != SIGKILL && signal != SIGSTOP)
            kernel(SYS_rt_sigaction, signal, kDefaultAction.data(), nullptr, kSignalSetBytes);
    }
    constexpr std::array<unsigned char, kSignalSetBytes> kNone{};
    return kernel(SYS_rt_sigprocmask, SIG_SETMASK, kNone.data(), nullptr, kSignalSetBytes);
}

bool placeFiles(const Start& start) {
    for (std::size_t i = 0; i < start.placed.size(); ++i) {
        const int number = static_cast<int>(i) + STDOUT_FILENO;
        if (start.placed[i] >= 0 && !kernel(SYS_dup3, start.placed[i], number, 0)) return false;
    }
    const long nothing = ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0);
    if (nothing < 0) return false;
    // A caller without a standard input: /dev/null has its number already.
    if (nothing != STDIN_FILENO && !kernel(SYS_dup3, nothing, STDIN_FILENO, 0)) return false;
    const int first_other = start.placed[2] < 0 ? kFirstOther : kFirstOther + 1;
    return kernel(SYS_close_range, first_other, std::numeric_limits<unsigned>::max(), 0);
}

// False if the caller is gone already.
bool endWithCaller(const Start& start) {
    return kernel(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) &&
           ::syscall(SYS_getppid) == start.caller;
}

bool prepare(const Start& start) {
    return (!start.ends_with_caller || endWithCaller(start)) &&
           (!start.own_group || kernel(SYS_setpgid, 0, 0)) && placeFiles(start) &&
           (start.folder == nullptr || kernel(SYS_chdir, start.folder)) && resetSignals();
}

int runChild(void* argument) {
    Start& start = *static_cast<Start*>(argument);
    int error = 0;
    if (prepare(start)) {
        for (const char* file : start.file_names) {
            ::syscall(SYS_execve, file, start.arguments.data(), start.environment.data());
            // A file that may not be executed is the better reason than one that is missing.
            if (error != EACCES) error = errno;
            if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
        }
    } else {
        error = errno;
    }
    *start.error = error;
    ::syscall(SYS_exit_group, 127);
    return 0;
}

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        all.push_back(const_cast<char*>(text.c_str()));  // NOLINT(*-const-cast): C's signature
    all.push_back(nullptr);
    return all;
}

// Starts the child, and waits until it has executed its program or failed.
pid_t startChild(Start& start, const SharedStack& stack) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    // A handler of the caller must not run in the child.
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): clone() has no other form
    const pid_t pid = ::clone(runChild, stack.top(), kCloneFlags, &start);
    const int code = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) *start.error = code;
    return pid;
}

}  // namespace

int spawn(const SpawnSpec& spec) {
    const std::string program = spec.program.empty() ? spec.arguments.at(0) : spec.program.string();
    const SharedStack stack;
    Start start{.files = programFiles(program),
                .arguments = pointersTo(spec.arguments),
                .folder = spec.folder.empty() ? nullptr : spec.folder.c_str(),
                .own_group = spec.own_group,
                .ends_with_caller = spec.ends_with_caller,
                .caller = ::getpid(),
                .error = stack.error()};
    for (const std::string& file : start.files) start.file_names.push_back(file.c_str());
    if (spec.environment) {
        start.environment = pointersTo(*spec.environment);
    } else {
        for (char** variable = environ; *variable != nullptr; ++variable)
            start.environment.push_back(*variable);
        start.environment.push_back(nullptr);
    }
    std::array<FileDescriptor, 3> moved{};
    const std::array<int, 3> given{spec.output, spec.errors, spec.socket};
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] < 0) continue;
        // Out of the way of the numbers 0 to 3, which the child overwrites in turn.
        moved[i] = FileDescriptor(::fcntl(given[i], F_DUPFD_CLOEXEC, kFirstOther + 1));
        if (!moved[i]) throwSystemError(errno, "cannot start a program");
        start.placed[i] = moved[i].get();
    }
    const pid_t pid = startChild(start, stack);
    if (*start.error == 0) return pid;
    while (pid > 0 && ::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    const std::string where = spec.folder.empty() ? "" : " in " + spec.folder.string();
    throwSystemError(*start.error, "cannot start '" + program + "'" + where);
}

}  // namespace sheafline
