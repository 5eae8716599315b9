#include "process/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/spawn.h>

#include "base/process_tree.h"
#include "process/process_guard.h"

namespace sheafline {

namespace {

// A worker reads pictures from outside, and a sink gets its secrets as params: neither needs the
// secrets of the environment.
std::vector<std::string> environmentWithoutSecrets() {
    constexpr auto kSecret = std::to_array<std::string_view>(
        {"SHEAFLINE_SECRET_", "SHEAFLINE_SECRETS_DIR=", "SHEAFLINE_TOKEN=", "SHEAFLINE_REDIS=",
         "SHEAFLINE_ADMIN_PASSWORD", "CREDENTIALS_DIRECTORY=", "PGPASSWORD="});
    std::vector<std::string> kept;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (std::ranges::none_of(kSecret, [&](auto name) { return text.starts_with(name); }))
            kept.emplace_back(text);
    }
    return kept;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, Group group) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        throwSystemError(errno, "cannot create a socket");
    socket_ = FileDescriptor(pair[0]);
    const FileDescriptor theirs(pair[1]);
    // Standard output is for the events of `run --json`, so output of plugins must not go there.
    const bool has_errors = ::fcntl(STDERR_FILENO, F_GETFD) >= 0;
    SpawnSpec spec{.arguments = {"sheafline"},
                   // The running program's own file, even if an upgrade has replaced its name.
                   .program = "/proc/self/exe",
                   .output = has_errors ? STDERR_FILENO : -1,
                   .socket = theirs.get(),
                   .own_group = group == Group::own};
    if (arguments.front() != "batch-process") spec.environment = environmentWithoutSecrets();
    spec.arguments.insert(spec.arguments.end(), arguments.begin(), arguments.end());
    pid_ = spawn(spec);
}

Process::~Process() {
    socket_.reset();
    if (pid_ > 0) {
        kill();
        wait();
    }
}

void Process::kill() const {
    if (pid_ <= 0) return;
    ::kill(pid_, guardSignal());
    ::kill(pid_, SIGCONT);  // a stopped process handles no other signal
}

bool Process::ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
}

pid_t Process::workerPid() const {
    if (worker_pid_ == 0 && pid_ > 0) {
        const std::vector<pid_t> children = childrenOf(pid_);  // the worker is the oldest
        if (!children.empty()) worker_pid_ = children.front();
    }
    return worker_pid_;
}

ProcessEnd Process::waitAtMost(std::chrono::milliseconds patience) {
    constexpr std::chrono::milliseconds kMoment{10};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!ended()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            kill();
            break;
        }
        ::poll(nullptr, 0, static_cast<int>(kMoment.count()));
    }
    return wait();
}

ProcessEnd Process::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFSIGNALED(status)) {
        return {.status = -1,
                .signal = WTERMSIG(status),
                .text = "killed by " + signalName(WTERMSIG(status))};
    }
    const int exit_status = WEXITSTATUS(status);
    return {.clean = exit_status == 0,
            .status = exit_status,
            .text = "exit status " + std::to_string(exit_status)};
}

bool waitReadable(int socket, std::chrono::milliseconds patience) {
    pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, static_cast<int>(patience.count())) > 0;
}

std::uint64_t Process::memoryBytes() const {
    std::ifstream status("/proc/" + std::to_string(workerPid()) + "/status");
    std::uint64_t kilobytes = 0;
    for (std::string key; status >> key;) {
        std::uint64_t amount = 0;
        if ((key == "RssAnon:" || key == "RssShmem:") && status >> amount) kilobytes += amount;
        status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return kilobytes << 10U;
}

bool Process::groupHasMoreThan(std::size_t most) const {
    const pid_t group = workerPid();
    if (group <= 0) return false;
    std::size_t found = 0;
    // Without a free descriptor there is no answer now; the next check is soon.
    std::error_code error;
    std::filesystem::directory_iterator entry("/proc", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename();
        pid_t pid = 0;
        std::from_chars(name.data(), name.data() + name.size(), pid);
        if (pid > 0 && ::getpgid(pid) == group && ++found > most) return true;
    }
    return false;
}

void limitOpenFiles(std::uint64_t most) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, most);
    limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void disableCoreDumps() {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

std::string signalName(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

}  // namespace sheafline
