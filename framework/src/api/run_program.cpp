#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/run_program.h>
#include <sheafline/spawn.h>

#include "api/program_search.h"
#include "base/process_tree.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kKeptErrorBytes = 4096;  // the last ones
constexpr std::size_t kShownErrorBytes = 200;

struct Pipe {
    FileDescriptor read_end{};
    FileDescriptor write_end{};
};

Pipe makePipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    // Only our end does not block: the program may rely on writes that wait.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// By number: the header of glibc 2.36 declares pidfd_open for C alone.
int pidHandle(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

// A running program. The destructor kills it with everything that it started, and waits for it.
class Program {
 public:
    explicit Program(pid_t pid) : pid_(pid), handle_(pidHandle(pid)) {}
    ~Program() {
        if (pid_ > 0) end();
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    const FileDescriptor& handle() const { return handle_; }  // readable once the program has ended
    // Kills what still runs, and returns the wait status.
    int end() {
        // Before it is waited for: until then its number, which is also that of its group, is not
        // given to another process. Its descendants may have left the group.
        const std::vector<pid_t> started = descendantsOf(pid_);
        ::kill(-pid_, SIGKILL);
        for (const pid_t process : started) ::kill(process, SIGKILL);
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

// Appends the available bytes; closes the descriptor at the end.
void drain(FileDescriptor& end, std::string& into) {
    if (!end) return;
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(end.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) return end.reset();
    into.append(buffer.data(), static_cast<std::size_t>(got));
}

void keepLast(std::string& text, std::size_t most) {
    if (text.size() > most) text.erase(0, text.size() - most);
}

// The last line that is not blank: the reason of most programs.
std::string lastLine(std::string text) {
    text.resize(text.find_last_not_of(" \t\r\n") + 1);
    text.erase(0, text.rfind('\n') + 1);
    text.resize(std::min(text.size(), kShownErrorBytes));
    return text.empty() ? "" : ": " + text;
}

std::string endError(int status, const std::string& errors) {
    if (WIFSIGNALED(status)) {
        const char* name = ::sigabbrev_np(WTERMSIG(status));
        return "the program was killed by SIG" + std::string(name == nullptr ? "?" : name) +
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

// An event descriptor that is readable once a stop is requested.
class StopBell {
 public:
    explicit StopBell(const std::stop_token& stop)
        : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          ring_(stop, [this] { static_cast<void>(::eventfd_write(bell_.get(), 1)); }) {}
    int get() const { return bell_.get(); }

 private:
    const FileDescriptor bell_;
    const std::stop_callback<std::function<void()>> ring_;
};

bool mayExecute(const std::filesystem::path& file) {
    std::error_code error;
    return std::filesystem::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

// Passes on the complete lines; at the end of the program the rest, too.
void passLines(std::string& output, const std::function<void(std::string_view)>& on_line,
               bool ended) {
    std::size_t begin = 0;
    for (std::size_t end = output.find('\n'); end != std::string::npos;
         end = output.find('\n', begin)) {
        on_line(std::string_view(output).substr(begin, end - begin));
        begin = end + 1;
    }
    output.erase(0, begin);
    if (!ended || output.empty()) return;
    on_line(output);
    output.clear();
}

}  // namespace

ProgramEnd runProgram(const ProgramSpec& spec) {
    Pipe output = makePipe();
    Pipe errors = makePipe();
    if (!output.read_end || !errors.read_end)
        return {.error = std::string("cannot start the program: ") + std::strerror(errno)};
    pid_t pid = 0;
    try {
        pid = spawn({.arguments = spec.arguments,
                     .folder = spec.folder,
                     .environment = spec.environment,
                     .output = output.write_end.get(),
                     .errors = errors.write_end.get(),
                     .own_group = true,
                     .ends_with_caller = true});
    } catch (const Error& error) {
        return {.error = error.what()};
    }
    Program program(pid);
    output.write_end.reset();
    errors.write_end.reset();

    ProgramEnd end;
    std::string error_text;
    const StopBell bell(spec.stop);
    const auto deadline = Clock::now() + spec.timeout;
    for (bool ended = false; !ended;) {
        // poll() skips a closed end: its number is -1.
        std::array<pollfd, 4> ready{
            pollfd{output.read_end.get(), POLLIN, 0}, pollfd{errors.read_end.get(), POLLIN, 0},
            pollfd{program.handle().get(), POLLIN, 0}, pollfd{bell.get(), POLLIN, 0}};
        const int left = millisecondsUntil(deadline);
        if (left == 0)
            return {.error = "the program took longer than " +
                             std::to_string(spec.timeout.count()) +
                             " ms; make it faster or raise `timeout`"};
        if (spec.stop.stop_requested()) return {.error = "the program was stopped"};
        if (::poll(ready.data(), ready.size(), left) <= 0) continue;
        ended = ready[2].revents != 0;
        // Once it has ended, what it wrote is in the pipes. A child that it left behind may keep
        // them open; it dies with the program.
        do {
            if (ready[0].revents != 0 || ended) drain(output.read_end, end.output);
            if (ready[1].revents != 0 || ended) drain(errors.read_end, error_text);
            keepLast(error_text, kKeptErrorBytes);
            if (spec.on_line) passLines(end.output, spec.on_line, false);
            if (end.output.size() > spec.max_output)
                return {.error = std::string("the program wrote ") +
                                 (spec.on_line ? "a line of " : "") + "more than " +
                                 std::to_string(spec.max_output) +
                                 " bytes; write less or raise `max_output`"};
        } while (ended && (output.read_end || errors.read_end));
    }
    if (spec.on_line) passLines(end.output, spec.on_line, true);
    const int status = program.end();
    end.error = endError(status, error_text);
    if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
    return end;
}

std::filesystem::path findProgram(const std::string& name, const std::filesystem::path& folder) {
    for (const std::string& file : programFiles(name))
        if (mayExecute(folder / file)) return folder / file;
    return {};
}

std::string withPlaceholders(
    std::string_view argument,
    std::span<const std::pair<std::string_view, std::string>> placeholders) {
    std::string text;
    while (!argument.empty()) {
        std::size_t taken = 0;
        for (const auto& [name, value] : placeholders)
            if (argument.starts_with(name)) {
                text += value;
                taken = name.size();
            }
        if (taken == 0) {
            text += argument.front();
            taken = 1;
        }
        argument.remove_prefix(taken);
    }
    return text;
}

std::vector<std::string> plainEnvironment(const std::vector<std::string>& more) {
    std::vector<std::string> names{"PATH", "HOME", "LANG", "TMPDIR"};
    for (const std::string& name : more) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    std::vector<std::string> environment;
    for (const std::string& name : names) {
        const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): as above
        if (value != nullptr) environment.push_back(name + "=" + value);
    }
    return environment;
}

}  // namespace sheafline
