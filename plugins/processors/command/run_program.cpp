#include "run_program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/spawn.h>

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kKeptErrorBytes = 4096;
constexpr std::size_t kShownErrorBytes = 200;

struct Pipe {
    FileDescriptor read_end{};
    FileDescriptor write_end{};
};

Pipe makePipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    // Only our end: the program may rely on writes that wait.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// By number: the header of glibc 2.36 declares pidfd_open for C alone.
int pidHandle(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

// A running program. It and all of its group are gone, and waited for, when this is.
class Program {
 public:
    explicit Program(pid_t pid) : pid_(pid), handle_(pidHandle(pid)) {}
    ~Program() {
        if (pid_ > 0) end();
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    const FileDescriptor& handle() const { return handle_; }  // readable once the program has ended
    // Kills what still runs, and gives the wait status.
    int end() {
        // Before it is waited for: until then the number of the group cannot be another's.
        ::kill(-pid_, SIGKILL);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return status;
    }

 private:
    pid_t pid_;
    const FileDescriptor handle_;
};

// Takes what is there; closes the end where there is nothing more.
void drain(FileDescriptor& end, std::string& into, std::size_t most) {
    if (!end) return;
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(end.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) return end.reset();
    into.append(buffer.data(), std::min(static_cast<std::size_t>(got), most - into.size()));
}

std::string lastLine(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    text.erase(0, text.rfind('\n') + 1);
    text.resize(std::min(text.size(), kShownErrorBytes));
    return text.empty() ? "" : ": " + text;
}

std::string endFault(int status, const std::string& errors) {
    if (WIFSIGNALED(status)) {
        const char* name = ::sigabbrev_np(WTERMSIG(status));
        return "the program died of SIG" + std::string(name == nullptr ? "?" : name) +
               lastLine(errors);
    }
    if (WEXITSTATUS(status) == 0) return "";
    return "the program ended with status " + std::to_string(WEXITSTATUS(status)) +
           lastLine(errors);
}

int millisecondsUntil(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

}  // namespace

ProgramEnd runProgram(const std::vector<std::string>& arguments, std::chrono::milliseconds timeout,
                      std::uint64_t max_output) {
    Pipe output = makePipe();
    Pipe errors = makePipe();
    if (!output.read_end || !errors.read_end)
        return {.fault = std::string("cannot start the program: ") + std::strerror(errno)};
    pid_t pid = 0;
    try {
        pid = spawn({.arguments = arguments,
                     .output = output.write_end.get(),
                     .errors = errors.write_end.get(),
                     .own_group = true});
    } catch (const Error& error) {
        return {.fault = error.what() + std::string("; check `command`")};
    }
    Program program(pid);
    output.write_end.reset();
    errors.write_end.reset();

    ProgramEnd end;
    std::string error_text;
    const auto deadline = Clock::now() + timeout;
    for (bool ended = false; !ended;) {
        // poll() skips a closed end: its number is -1.
        std::array<pollfd, 3> ready{pollfd{output.read_end.get(), POLLIN, 0},
                                    pollfd{errors.read_end.get(), POLLIN, 0},
                                    pollfd{program.handle().get(), POLLIN, 0}};
        const int left = millisecondsUntil(deadline);
        if (left == 0)
            return {.fault = "the program took longer than " + std::to_string(timeout.count()) +
                             " ms; make it faster or raise `timeout`"};
        if (::poll(ready.data(), ready.size(), left) <= 0) continue;
        ended = ready[2].revents != 0;
        // Once it has ended, what it wrote is in the pipes; a child that it left behind may hold
        // them open for ever.
        do {
            if (ready[0].revents != 0 || ended) drain(output.read_end, end.output, max_output + 1);
            if (ready[1].revents != 0 || ended) drain(errors.read_end, error_text, kKeptErrorBytes);
            if (end.output.size() > max_output)
                return {.fault = "the program wrote more than " + std::to_string(max_output) +
                                 " bytes; write less or raise `max_output`"};
        } while (ended && (output.read_end || errors.read_end));
    }
    end.fault = endFault(program.end(), error_text);
    return end;
}

}  // namespace sheafline
