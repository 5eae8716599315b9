#include "child_server.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <future>
#include <memory>
#include <pwd.h>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "loopback.h"

namespace sheafline::test {

namespace {

pid_t start(const std::vector<std::string>& words, int output, const passwd* user) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
        ::_exit(126);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

bool waitForLine(FILE* lines, std::string_view text) {
    std::array<char, 1024> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), lines) != nullptr) {
        if (std::string_view(line.data()).find(text) != std::string_view::npos) return true;
    }
    return false;
}

std::vector<pid_t> childrenOf(pid_t parent) {
    const std::string pid = std::to_string(parent);
    std::ifstream file("/proc/" + pid + "/task/" + pid + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) children.push_back(child);
    return children;
}

}  // namespace

int freePort() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int port = bindAnyPort(fd);
    ::close(fd);
    return port;
}

ChildServer::ChildServer(const std::vector<std::string>& words, const std::string& ready,
                         const char* user) {
    std::array<int, 2> log{-1, -1};
    if (::pipe2(log.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const passwd* as = ::geteuid() == 0 && user != nullptr ? ::getpwnam(user) : nullptr;
    std::promise<bool> is_ready;
    auto ready_or_ended = is_ready.get_future();
    // The kernel kills the server when the thread that started it ends. This thread ends only after
    // the server, while the thread of the caller may end at any time.
    log_reader_ = std::jthread([&, log, is_ready = std::move(is_ready)]() mutable {
        pid_ = start(words, log[1], as);
        ::close(log[1]);
        FILE* lines = ::fdopen(log[0], "r");
        is_ready.set_value(waitForLine(lines, ready));
        // From here on, nothing of the caller is used.
        std::array<char, 1024> rest{};
        while (std::fgets(rest.data(), static_cast<int>(rest.size()), lines) != nullptr) {
        }
        std::fclose(lines);
    });
    ready_ = ready_or_ended.get();
}

int ChildServer::wait() {
    int status = 0;
    if (pid_ > 0) ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
}

void ChildServer::kill() {
    if (pid_ < 0) return;
    const std::vector<pid_t> children = childrenOf(pid_);
    ::kill(pid_, SIGKILL);
    for (const pid_t child : children) ::kill(child, SIGKILL);
    wait();
}

std::string outputOf(const std::string& command) {
    struct Close {
        void operator()(FILE* file) const { ::pclose(file); }
    };
    std::unique_ptr<FILE, Close> output(::popen(command.c_str(), "r"));
    std::string text;
    std::array<char, 4096> block{};
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), output.get())) {
        text.append(block.data(), count);
    }
    if (::pclose(output.release()) != 0) throw std::runtime_error("failed: " + command);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace sheafline::test
