#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/spawn.h>

#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

struct Finished {
    std::string output{};
    int status = -1;
};

Finished finish(SpawnSpec spec) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const FileDescriptor read_end(ends[0]);
    FileDescriptor write_end(ends[1]);
    spec.output = write_end.get();
    const int pid = spawn(spec);
    write_end.reset();
    Finished finished;
    std::array<char, 4096> block{};
    for (ssize_t count = 1; count > 0;) {
        count = ::read(read_end.get(), block.data(), block.size());
        if (count > 0) finished.output.append(block.data(), static_cast<std::size_t>(count));
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    finished.status = WEXITSTATUS(status);
    return finished;
}

std::ptrdiff_t openFiles() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

SpawnSpec shell(const std::string& script) { return {.arguments = {"sh", "-c", script}}; }

}  // namespace

TEST_CASE("a program starts in its folder with its environment") {
    const TemporaryFolder folder;
    SpawnSpec spec = shell("pwd; echo $GREETING; echo ${HOME-none}; exit 3");
    spec.folder = folder / "";
    spec.environment = std::vector<std::string>{"GREETING=hello", "PATH=/usr/bin:/bin"};
    const Finished finished = finish(spec);
    CHECK(finished.output == std::filesystem::canonical(folder / "").string() + "\nhello\nnone\n");
    CHECK(finished.status == 3);
}

TEST_CASE("a program gets no open file and no blocked or ignored signal of the caller") {
    const int open = ::open("/dev/null", O_RDONLY);  // deliberately inheritable
    REQUIRE(open >= 0);
    sigset_t one;
    sigset_t before;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &one, &before);
    const auto pipe_handler = std::signal(SIGPIPE, SIG_IGN);
    const Finished signals =
        finish({.arguments = {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status"}});
    const Finished files = finish({.arguments = {"ls", "/proc/self/fd"}});
    std::signal(SIGPIPE, pipe_handler);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(open);
    CHECK_THAT(signals.output, Catch::StartsWith("SigBlk:\t0000000000000000\n"));
    // The C library keeps two signals above the standard ones for itself.
    CHECK_THAT(signals.output, Catch::EndsWith("0000000\n"));
    CHECK(files.output == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_CASE("a caller without a standard input starts programs as every other one") {
    const FileDescriptor kept(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    REQUIRE(kept);
    ::close(STDIN_FILENO);
    const int pid = spawn(shell("test \"$(readlink /proc/$$/fd/0)\" = /dev/null"));
    ::dup2(kept.get(), STDIN_FILENO);
    int status = -1;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
}

TEST_CASE("a program reads the caller's socket at descriptor 3") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const FileDescriptor read_end(ends[0]);
    FileDescriptor write_end(ends[1]);
    REQUIRE(::write(write_end.get(), "over\n", 5) == 5);
    write_end.reset();
    SpawnSpec spec = shell("cat <&3");
    spec.socket = read_end.get();
    CHECK(finish(spec).output == "over\n");
}

TEST_CASE("a program that ends with its caller is killed when the calling thread ends") {
    const bool ends_with_caller = GENERATE(true, false);
    int pid = -1;
    std::thread([&] {
        pid = spawn({.arguments = {"sleep", "3000"}, .ends_with_caller = ends_with_caller});
    }).join();
    if (!ends_with_caller) ::kill(pid, SIGTERM);
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(WTERMSIG(status) == (ends_with_caller ? SIGKILL : SIGTERM));
}

TEST_CASE("a program is searched for in PATH, past folders that do not have it") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "data");
    std::filesystem::create_directory(folder / "programs");
    folder.write("data/greet", "not a program");
    folder.write("programs/greet", "#!/bin/sh\necho hello\n");
    std::filesystem::permissions(folder / "programs/greet", std::filesystem::perms::owner_all);
    const std::string before = std::getenv("PATH");
    const std::string places = (folder / "no").string() + ":" + (folder / "data").string() + ":" +
                               (folder / "programs").string();
    ::setenv("PATH", places.c_str(), 1);
    const Finished found = finish({.arguments = {"greet"}});
    ::setenv("PATH", before.c_str(), 1);
    CHECK(found.output == "hello\n");
}

TEST_CASE("starting many programs from many threads leaves no process and no open file") {
    const std::ptrdiff_t open_before = openFiles();
    std::vector<std::jthread> threads;
    std::atomic<int> good = 0;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) {
                int status = -1;
                const int pid = spawn({.arguments = {"true"}, .own_group = true});
                if (::waitpid(pid, &status, 0) == pid && status == 0) ++good;
                try {
                    spawn({.arguments = {"/no/such/program"}});
                } catch (const Error&) {
                    ++good;
                }
            }
        });
    }
    threads.clear();
    CHECK(good == 200);
    CHECK(openFiles() == open_before);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no child is left
}

TEST_CASE("a program that cannot be started is named with its reason") {
    const auto reason = [](const SpawnSpec& spec) -> std::string {
        try {
            spawn(spec);
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    CHECK(reason({.arguments = {"/no/such/program"}}) ==
          "cannot start '/no/such/program': No such file or directory");
    const TemporaryFolder folder;
    folder.write("text", "not a program");
    CHECK_THAT(reason({.arguments = {(folder / "text").string()}}),
               Catch::EndsWith("text': Permission denied"));
    std::filesystem::permissions(folder / "text", std::filesystem::perms::owner_all);
    CHECK_THAT(reason({.arguments = {(folder / "text").string()}}),
               Catch::EndsWith("text': Exec format error"));
    CHECK(reason({.arguments = {"no-such-program"}}) ==
          "cannot start 'no-such-program': No such file or directory");
    CHECK(reason({.arguments = {"true"}, .folder = "/no/such/folder"}) ==
          "cannot start 'true' in /no/such/folder: No such file or directory");
}
