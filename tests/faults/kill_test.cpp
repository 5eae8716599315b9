// kill -9 at every fault point, through `sheafline test --kill-everywhere`.
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kProbes = R"(
name: squares
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 60}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, refuse: 7}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv}
  - {id: load, uses: db_load, with: {url: "sqlite:${{ batch.data_dir }}/results.db"}}
finally:
  - {id: cleanup, uses: cleanup}
sinks:
  - {uses: jsonl, with: {file: "${{ batch.data_dir }}/events.jsonl"}}
)";

// LeakSanitizer runs in a separate process, which waits without a limit for a process that was
// killed.
std::map<std::string, std::string> withoutLeakCheck() {
    const char* options = std::getenv("ASAN_OPTIONS");
    return {{"ASAN_OPTIONS", std::string(options == nullptr ? "" : options) + ":detect_leaks=0"}};
}

ProgramResult killEverywhere(const TemporaryFolder& folder, std::vector<std::string> more) {
    std::vector<std::string> arguments{"test", "--kill-everywhere"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto result = runProgram(folder.path(), arguments, withoutLeakCheck());
    std::cout << result.out;
    return result;
}

}  // namespace

TEST_CASE("a batch killed at any point of any process ends with the same result and event log",
          "[F1]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kProbes);
    const auto result = killEverywhere(folder, {"p.yaml", "--at-most", "3"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE("a batch killed at random times, also during recovery, ends with the same result",
          "[F2][F3]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kProbes);
    const auto result = killEverywhere(folder, {"p.yaml", "--random", "30", "--seed", "7"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE("a crash loop during recovery converges and counts no attempts", "[F3]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kProbes);
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"},
                     {{"SHEAFLINE_FAULT", "owner/history.committed:6:kill"}})
              .status == 137);
    int kills = 0;
    for (const char* point : {"history.commit", "history.committed"}) {
        for (int n = 1; n <= 6; ++n) {
            const auto killed =
                runProgram(folder.path(), {"resume", "b"},
                           {{"SHEAFLINE_FAULT",
                             "owner/" + std::string(point) + ":" + std::to_string(n) + ":kill"}});
            INFO(killed.status << killed.err);
            CHECK((killed.status == 137 || killed.status == 0 || killed.status == 2));
            kills += killed.status == 137 ? 1 : 0;
        }
    }
    CHECK(kills >= 6);
    const auto last = runProgram(folder.path(), {"resume", "b"});
    CHECK((last.status == 0 || last.err.find("is already completed") != std::string::npos));
    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->sheets_read == 59);
    for (const Sheet& sheet : history.sheets("b")) CHECK(sheet.attempt == 0);
    for (const StageRow& stage : history.stages("b", 1)) CHECK(stage.crashes == 0);
}

TEST_CASE("the main pipeline killed once at every point produces the same CSV and table", "[F1]") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "12", "--out", "s.zip"}).status == 0);
    const auto result =
        killEverywhere(folder, {SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml", "--input",
                                "s.zip", "--set", "workers=2", "--at-most", "1"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE(
    "kill-everywhere finds a pipeline that does not survive and says how to repeat the failure") {
    const TemporaryFolder folder;
    // The note is an artifact, and every rerun of the stage writes it again.
    folder.write("p.yaml",
                 "name: forgetful\nstages:\n"
                 "  - {id: a, uses: probe, with: {act: note_artifact, note: once}}\n");
    const auto result = killEverywhere(folder, {"p.yaml", "--only", "batch/artifact.moved:1"});
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(result.out.find("FAULT F1 at=batch/artifact.moved:1 FAIL") != std::string::npos);
    CHECK(result.out.find("repeat: sheafline test --kill-everywhere p.yaml --only "
                          "batch/artifact.moved:1") != std::string::npos);
}
