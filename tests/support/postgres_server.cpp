#include "postgres_server.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <pwd.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace sheafline::test {

namespace {

const std::string kBin = "/usr/lib/postgresql/15/bin/";

// The server refuses to run as root.
const passwd* serverUser() {
    if (::geteuid() != 0) return nullptr;
    const passwd* user = ::getpwnam("postgres");
    return user != nullptr ? user : ::getpwnam("nobody");
}

int freePort() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd, any, length) != 0 || ::getsockname(fd, any, &length) != 0) {
        throw std::runtime_error("no free port");
    }
    ::close(fd);
    return ntohs(address.sin_port);
}

// As the server's user, with standard output and error going to `output`. Dies with us.
pid_t startProgram(const std::vector<std::string>& words, int output) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const passwd* user = serverUser();
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
        ::_exit(126);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

struct Pipe {
    std::array<int, 2> ends{-1, -1};
    Pipe() {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    }
};

std::vector<pid_t> childrenOf(pid_t parent) {
    const std::string pid = std::to_string(parent);
    std::ifstream file("/proc/" + pid + "/task/" + pid + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) children.push_back(child);
    return children;
}

}  // namespace

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

bool PostgresServer::installed() { return ::access((kBin + "postgres").c_str(), X_OK) == 0; }

PostgresServer::PostgresServer() : port_(freePort()) {
    const std::filesystem::path data = folder_ / "data";
    std::filesystem::create_directory(data);
    folder_.write("password", "secret\n");
    if (const passwd* user = serverUser(); user != nullptr) {
        std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
        if (::chown(data.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error("cannot give the folder to the server's user");
        }
    }
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    const pid_t initdb = startProgram(
        {kBin + "initdb", "-D", data, "-U", "tester", "--auth=scram-sha-256", "--no-sync",
         "--encoding=UTF8", "--locale=C", "--pwfile=" + (folder_ / "password").string()},
        nowhere);
    ::close(nowhere);
    int status = 0;
    ::waitpid(initdb, &status, 0);
    if (status != 0) throw std::runtime_error("initdb failed");
    start();
}

PostgresServer::~PostgresServer() { kill(); }

void PostgresServer::start() {
    // After a kill the old shared memory may be in use for a moment: then it ends, and we ask
    // again.
    while (true) {
        const Pipe log;
        pid_ = startProgram(
            {kBin + "postgres", "-D", folder_ / "data", "-p", std::to_string(port_), "-k", "", "-c",
             "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=10"},
            log.ends[1]);
        ::close(log.ends[1]);
        FILE* lines = ::fdopen(log.ends[0], "r");
        std::array<char, 1024> line{};
        bool ready = false;
        while (!ready && std::fgets(line.data(), static_cast<int>(line.size()), lines) != nullptr) {
            ready = std::string_view(line.data()).find("ready to accept") != std::string_view::npos;
        }
        if (ready) {
            // A server whose log nobody reads would stop.
            log_reader_ = std::jthread([lines] {
                std::array<char, 1024> rest{};
                while (std::fgets(rest.data(), static_cast<int>(rest.size()), lines) != nullptr) {
                }
                std::fclose(lines);
            });
            return;
        }
        std::fclose(lines);
        ::waitpid(pid_, nullptr, 0);
    }
}

void PostgresServer::kill() {
    const std::vector<pid_t> backends = childrenOf(pid_);
    ::kill(pid_, SIGKILL);
    for (const pid_t backend : backends) ::kill(backend, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    log_reader_ = {};  // ends when the last backend has closed the log
}

std::string PostgresServer::url(const std::string& password, const std::string& database) const {
    return "postgresql://tester:" + password + "@127.0.0.1:" + std::to_string(port_) + "/" +
           database;
}

std::string PostgresServer::query(const std::string& sql) const {
    return outputOf(
        "PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -At '" + url() +
        "' -c \"" + sql + "\"");
}

}  // namespace sheafline::test
