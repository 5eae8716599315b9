// Signals, stopped processes, jumping clocks, and a folder that disappears.
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "base/process_tree.h"
#include "held_batch.h"
#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::faults;

namespace {

const std::vector<std::string> kRun{"run", "p.yaml", "--batch-id", "b", "--json"};

// The batch process of an owner, below its guard.
pid_t childOf(pid_t owner) { return childrenOf(childrenOf(owner).at(0)).at(0); }

void checkElapsed(const std::string& all_events) {
    long elapsed = 0;
    std::istringstream events(all_events);
    for (std::string event; std::getline(events, event);) {
        const std::string key = "\"elapsed_seconds\":";
        const long now = std::stol(event.substr(event.find(key) + key.size()));
        CHECK(now >= elapsed);
        CHECK(now < 600);
        elapsed = now;
    }
}

}  // namespace

TEST_CASE("signals without a request end nothing", "[F7]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    Program program(folder.path(), kRun);
    REQUIRE(program.waitForOutput("waiting"));
    for (const int signal : {SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2}) program.signal(signal);
    folder.write("go", "");
    CHECK(program.wait().status == 0);
}

TEST_CASE("a stopped owner or batch process continues where it was", "[F7]") {
    const bool owner = GENERATE(true, false);
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    Program program(folder.path(), kRun);
    REQUIRE(program.waitForOutput("waiting"));
    const pid_t stopped = owner ? program.pid() : childOf(program.pid());
    REQUIRE(stopped > 0);
    ::kill(stopped, SIGSTOP);
    folder.write("go", "");
    const auto second = runProgram(folder.path(), {"resume", "b"});
    CHECK(second.status == 75);  // it is stopped, but still owns the folder
    ::kill(stopped, SIGCONT);
    CHECK(program.wait().status == 0);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 40);
}

TEST_CASE("elapsed time never decreases, whatever the clock does between two runs", "[F15]") {
    if (!std::filesystem::exists("/usr/bin/faketime")) {
        WARN("skipped: faketime is not installed");
        return;
    }
    const std::string jump = GENERATE(as<std::string>{}, "+1d", "-1d", "-1h", "+20y");
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    {
        Program program(folder.path(), kRun);
        REQUIRE(program.waitForOutput("waiting"));
        program.signal(SIGTERM);
        REQUIRE(program.wait().status == 4);
    }
    folder.write("go", "");
    const auto resumed =
        runProgram(folder.path(), {"resume", "b", "--json"},
                   {{"FAKETIME", jump},
                    {"LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"},
                    {"DONT_FAKE_MONOTONIC", "1"}});
    INFO(resumed.err);
    CHECK(resumed.status == 0);
    checkElapsed(runProgram(folder.path(), {"batches", "events", "b"}).out);
}

TEST_CASE("a clock that jumps under a running batch changes no order and no duration", "[F15]") {
    if (!std::filesystem::exists("/usr/bin/faketime")) {
        WARN("skipped: faketime is not installed");
        return;
    }
    const std::string jump = GENERATE(as<std::string>{}, "-1h", "+1d", "+20y");
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    folder.write("clock", "+0\n");
    Program program(folder.path(), kRun,
                    {{"FAKETIME_TIMESTAMP_FILE", folder / "clock"},
                     {"FAKETIME_NO_CACHE", "1"},
                     {"LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"},
                     {"DONT_FAKE_MONOTONIC", "1"}});
    REQUIRE(program.waitForOutput("waiting"));
    folder.write("clock", jump + "\n");
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    checkElapsed(result.out);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_quarantined == 0);
}

TEST_CASE("a data folder that disappears fails the run and is not created again", "[F13]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    Program program(folder.path(), kRun);
    REQUIRE(program.waitForOutput("waiting"));
    std::filesystem::remove_all(folder / "sheafline-data");
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status != 0);
    CHECK_FALSE(std::filesystem::exists(folder / "sheafline-data/history.db"));
}

TEST_CASE("a lock still held by a child of a killed owner is waited for", "[F16]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", "name: one\nstages:\n  - {id: a, uses: probe}\n");
    std::filesystem::create_directory(folder / "sheafline-data");
    const pid_t gone = ::fork();
    if (gone == 0) ::_exit(0);
    ::waitpid(gone, nullptr, 0);
    folder.write("sheafline-data/owner.lock",
                 "id\n" + std::to_string(gone) + "\n2025-01-01T00:00:00Z\nrun p.yaml\n");
    const int fd = ::open((folder / "sheafline-data/owner.lock").c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    REQUIRE(::fcntl(fd, F_OFD_SETLK, &lock) == 0);
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b"});
    // Once it has opened the file, it has found the lock.
    const std::string files = "/proc/" + std::to_string(program.pid()) + "/fd";
    CHECK(eventually([&] {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(files, error)) {
            if (std::filesystem::read_symlink(entry.path(), error).filename() == "owner.lock")
                return true;
        }
        return false;
    }));
    ::close(fd);
    CHECK(program.wait().status == 0);
}
