#include <array>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

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
    const int open = ::open("/dev/null", O_RDONLY);  // inheritable on purpose
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
    CHECK(reason({.arguments = {"true"}, .folder = "/no/such/folder"}) ==
          "cannot start 'true' in /no/such/folder: No such file or directory");
}
