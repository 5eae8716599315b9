// A full disk under the history leaves one event with the reason, and the status keeps that reason.
#include <string>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "small_disk.h"
#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

constexpr const char* kSheets = R"(
name: bulky
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 400}}
  - {id: hold, uses: probe, with: {act: wait_for_file}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, bulk: 16000}}
  - {id: collect, uses: collect}
)";

std::string statusOf(const TemporaryFolder& folder) {
    return runProgram(folder.path(), {"batches", "show", "b", "--json"}).out;
}

std::string allEvents(const TemporaryFolder& folder) {
    return runProgram(folder.path(), {"batches", "events", "b"}).out;
}

}  // namespace

TEST_CASE(
    "a full disk of the history stops the batch in one event, and its status keeps the reason",
    "[F9][F32]") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "sheafline-data", GENERATE("16m", "96m"));
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    folder.write("p.yaml", kSheets);
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    disk.fill();
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 4);
    CHECK(result.err.find("is full: all batches stop") != std::string::npos);
    const std::string events = allEvents(folder);
    INFO(events);
    CHECK(countOf(events, "\"code\":\"DISK_FULL\"") == 1);
    const auto last = HistoryReader(folder / "sheafline-data/history.db").batch("b");
    CHECK(last->state == BatchState::interrupted);
    CHECK(countOf(events.substr(events.rfind("{\"stage\"")), "\"code\":\"DISK_FULL\"") == 1);
    CHECK_THAT(statusOf(folder), Catch::Contains("\"code\":\"DISK_FULL\"") &&
                                     Catch::Contains("make room, then run: sheafline resume b"));
    disk.makeRoom();
    CHECK(runProgram(folder.path(), {"resume", "b"}).status == 0);
    CHECK_THAT(statusOf(folder), Catch::Contains("\"error\":null"));
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 400);
}

TEST_CASE("a batch whose last changes found no room still stores why it stopped", "[F9][F32]") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "sheafline-data", "4m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    // The remains of a reserve that an earlier owner released; there is no space for a whole one.
    folder.write("sheafline-data/reserve", std::string(512U << 10U, '\0'));
    folder.write("p.yaml", kSheets);
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    disk.fill();
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 4);
    CHECK(result.err.find("the history cannot be written") != std::string::npos);
    CHECK(countOf(allEvents(folder), "\"code\":\"DISK_FULL\"") == 1);
    CHECK_THAT(statusOf(folder), Catch::Contains("make room, then run: sheafline resume b"));
    REQUIRE(disk.resize("64m"));
    CHECK(runProgram(folder.path(), {"resume", "b"}).status == 0);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 400);
}

TEST_CASE("a disk that is full in a `finally` stage interrupts the batch instead of ending it",
          "[F9]") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: last\nstages:\n  - {id: a, uses: probe}\n"
                 "finally:\n  - {id: z, uses: probe, with: {act: disk_full}}\n");
    const auto stopped = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    INFO(stopped.out << stopped.err);
    CHECK(stopped.status == 4);
    CHECK(countOf(stopped.out, "\"code\":\"DISK_FULL\"") == 1);
    const auto resumed = runProgram(folder.path(), {"resume", "b"});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.status == 0);
}
