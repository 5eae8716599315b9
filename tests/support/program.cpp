#include "program.h"

#include <array>
#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace sheafline {

namespace {

constexpr std::chrono::seconds kLongTime{120};

std::string contents(const std::filesystem::path& file) {
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    return bytes.str();
}

std::filesystem::path freshName(const std::filesystem::path& folder, const std::string& kind) {
    static std::atomic<int> counter{0};
    return folder / ("program-" + std::to_string(++counter) + "." + kind);
}

}  // namespace

Program::Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment,
                 const std::filesystem::path& input)
    : out_(freshName(folder, "out")), err_(freshName(folder, "err")) {
    const std::string program = SHEAFLINE_BINARY_DIR "/bin/sheafline";
    std::vector<std::string> texts{program};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& text : texts) argv.push_back(text.data());
    argv.push_back(nullptr);
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text =
            *variable;  // of two variables with one name, the first would count
        if (!environment.contains(text.substr(0, text.find('=')))) variables.push_back(text);
    }
    if (!environment.contains("SHEAFLINE_PLUGIN_PATH"))
        variables.emplace_back("SHEAFLINE_PLUGIN_PATH=" SHEAFLINE_BINARY_DIR "/probes");
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    std::vector<char*> envp;
    for (std::string& variable : variables) envp.push_back(variable.data());
    envp.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    const int out = ::open(out_.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    const int err = ::open(err_.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    const int in = ::open(input.c_str(), O_RDONLY);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    if (::chdir(folder.c_str()) != 0) ::_exit(127);
    ::execve(program.c_str(), argv.data(), envp.data());
    ::_exit(127);
}

Program::~Program() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Program::signal(int number) const { ::kill(pid_, number); }

ProgramResult Program::wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return {.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            .out = contents(out_),
            .err = contents(err_)};
}

bool Program::ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
}

bool Program::waitForOutput(const std::string& text) const {
    const auto printed = [&] { return contents(out_).find(text) != std::string::npos; };
    eventually([&] { return printed() || ended(); });
    if (printed()) return true;
    std::cerr << "the program did not print '" << text << "'; its messages:\n" << contents(err_);
    return false;
}

std::string Program::waitForLineAfter(const std::string& text) const {
    std::string line;
    eventually([&] {
        const bool last = ended();  // before its output is read
        const std::string all = contents(out_) + '\n' + contents(err_);
        const std::size_t at = all.find(text);
        const std::size_t end = at == std::string::npos ? at : all.find('\n', at);
        if (end != std::string::npos) line = all.substr(at + text.size(), end - at - text.size());
        return !line.empty() || last;
    });
    return line;
}

ProgramResult runProgram(const std::filesystem::path& folder,
                         const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment,
                         const std::filesystem::path& input) {
    return Program(folder, arguments, environment, input).wait();
}

std::size_t countOf(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

bool eventually(const std::function<bool()>& so) {
    const auto deadline = std::chrono::steady_clock::now() + kLongTime;
    while (!so()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace sheafline
