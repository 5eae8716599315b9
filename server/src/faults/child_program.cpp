#include "faults/child_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/spawn.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX requires it

namespace sheafline::faults {

namespace {

std::vector<std::string> variablesWith(const std::map<std::string, std::string>& more) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        if (!more.contains(text.substr(0, text.find('=')))) variables.push_back(text);
    }
    for (const auto& [name, value] : more)
        variables.push_back(std::string(name).append("=").append(value));
    return variables;
}

}  // namespace

ChildProgram::ChildProgram(const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment,
                           const std::filesystem::path& standard_error) {
    std::array<int, 2> pair{};
    if (::pipe2(pair.data(), O_CLOEXEC) != 0) throwSystemError(errno, "cannot make a pipe");
    pipe_ = FileDescriptor(pair[0]);
    const FileDescriptor output(pair[1]);
    const FileDescriptor errors = openFile(standard_error, O_WRONLY | O_CREAT | O_APPEND, 0600);
    SpawnSpec spec{.arguments = {"sheafline"},
                   .program = "/proc/self/exe",
                   .environment = variablesWith(environment),
                   .output = output.get(),
                   .errors = errors.get()};
    spec.arguments.insert(spec.arguments.end(), arguments.begin(), arguments.end());
    pid_ = spawn(spec);
}

ChildProgram::~ChildProgram() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void ChildProgram::readToEnd() {
    std::array<char, 65'536> block{};
    while (true) {
        const ssize_t count = ::read(pipe_.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        if (output_.empty()) {
            ready_after_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - started_);
        }
        output_.append(block.data(), static_cast<std::size_t>(count));
    }
}

int ChildProgram::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace sheafline::faults
