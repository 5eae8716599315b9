// kill -9 at every fault point, through `sheafline test --kill-everywhere`.
#include <iostream>
#include <string>

#include <catch2/catch.hpp>

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

ProgramResult killEverywhere(const TemporaryFolder& folder, std::vector<std::string> more) {
    std::vector<std::string> arguments{"test", "--kill-everywhere"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto result = runProgram(folder.path(), arguments);
    std::cout << result.out;
    return result;
}

}  // namespace

TEST_CASE("a batch killed at any point of any process comes to the same result and event log") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kProbes);
    const auto result = killEverywhere(folder, {"p.yaml", "--at-most", "3"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE("a batch of probes killed at random times, also while it recovers, comes to the same") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kProbes);
    const auto result = killEverywhere(folder, {"p.yaml", "--random", "30", "--seed", "7"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE("the main pipeline killed once at every point comes to the same CSV and table") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "12", "--out", "s.zip"}).status == 0);
    const auto result =
        killEverywhere(folder, {SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml", "--input",
                                "s.zip", "--set", "workers=2", "--at-most", "1"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE("a pipeline that does not survive is found out, and the failure says how to repeat it") {
    const TemporaryFolder folder;
    // The note is written again by whoever runs the stage again, and the note is an artifact.
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
