#include "faults/child_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sheafline/error.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it so

namespace sheafline::faults {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

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
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, standard_error.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    std::vector<std::string> texts{"sheafline"};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = variablesWith(environment);
    const int code = ::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr,
                                   pointers(texts).data(), pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(pair[1]);
    pipe_ = pair[0];
    if (code != 0) {
        ::close(pipe_);
        throwSystemError(code, "cannot start this program");
    }
}

ChildProgram::~ChildProgram() {
    ::close(pipe_);
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void ChildProgram::readToEnd() {
    std::array<char, 65'536> block{};
    while (true) {
        const ssize_t count = ::read(pipe_, block.data(), block.size());
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

std::vector<pid_t> childrenOf(pid_t pid) {
    std::vector<pid_t> children;
    std::error_code gone;
    const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
        std::ifstream list(task.path() / "children");
        for (pid_t child = 0; list >> child;) children.push_back(child);
    }
    return children;
}

}  // namespace sheafline::faults
