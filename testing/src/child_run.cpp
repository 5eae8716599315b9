#include "child_run.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sheafline/error.h>

namespace sheafline::testing {

namespace {

constexpr unsigned kLongestSeconds = 60;
constexpr int kThrew = 70;

[[noreturn]] void runAndExit(const std::function<void()>& work) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::alarm(kLongestSeconds);
    // The test's own handlers would report a failure of the test.
    for (const int number : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGTERM, SIGINT, SIGALRM})
        static_cast<void>(std::signal(number, SIG_DFL));
    try {
        work();
    } catch (const std::exception& error) {
        std::cerr << "in the child process: " << error.what() << std::endl;
        ::_exit(kThrew);
    }
    ::_exit(0);
}

}  // namespace

std::string runInChild(const std::function<void()>& work) {
    std::cout.flush();
    std::cerr.flush();
    const pid_t child = ::fork();
    if (child < 0) throwSystemError(errno, "cannot start a child process");
    if (child == 0) runAndExit(work);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        const char* name = ::sigabbrev_np(WTERMSIG(status));
        return std::string("killed by SIG") + (name == nullptr ? "?" : name);
    }
    if (WEXITSTATUS(status) == 0) return "";
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

void replaceFile(const std::filesystem::path& file, const std::string& bytes) {
    const std::filesystem::path next = file.string() + ".next";
    std::ofstream(next, std::ios::binary) << bytes;
    std::filesystem::rename(next, file);
}

std::string bytesOf(const std::filesystem::path& file) {
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    return bytes.str();
}

}  // namespace sheafline::testing
