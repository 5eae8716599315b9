// System calls that fail, return early or do part of their work, on every file of a batch and in
// each of its processes; and memory allocations that fail.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "faults/batch_outcome.h"
#include "history/history_reader.h"
#include "program.h"
#include "shim_run.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::faults;

namespace {

constexpr const char* kSquares = R"(
name: squares
defaults:
  retry: {max_attempts: 1}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 12}}
  - {id: hold, uses: probe, with: {act: wait_for_file}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 1, refuse: 7}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv}
  - {id: load, uses: db_load, with: {url: "sqlite:${{ batch.data_dir }}/results.db"}}
finally:
  - {id: cleanup, uses: cleanup}
sinks:
  - {uses: jsonl, with: {file: "${{ batch.data_dir }}/events.jsonl"}}
)";
constexpr int kKilled = 128;  // and the signal
constexpr int kMostRuns = 6;

struct Batch {
    TemporaryFolder folder{};
    std::filesystem::path root{folder / "sheafline-data"};

    Batch() {
        folder.write("p.yaml", kSquares);
        folder.write("go", "");
    }

    ProgramResult run(std::map<std::string, std::string> orders) const {
        return runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"},
                          withShim(root, std::move(orders)));
    }

    // What a person does next, depending on the exit status, on a disk that works again.
    ProgramResult goOn(int status) const {
        bool there = false;
        bool failed = false;
        try {
            const auto batch = HistoryReader(root / "history.db").batch("b");
            there = batch.has_value();
            failed = there && batch->state == BatchState::failed;
        } catch (const std::exception&) {
        }
        INFO("after " << status);
        if (!there) return runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"});
        return runProgram(folder.path(), {failed ? "retry" : "resume", "b"});
    }

    std::string outcome() const { return outcomeOf(DataFolder(root), "b"); }
};

// The run without faults, once for all cases.
const std::string& expected() {
    static const std::string outcome = [] {
        const Batch batch;
        REQUIRE(batch.run({}).status == 0);
        return batch.outcome();
    }();
    return outcome;
}

// Returns the result of the first run. Afterwards the batch has the usual result.
ProgramResult survives(const std::map<std::string, std::string>& orders) {
    const Batch batch;
    ProgramResult first = batch.run(orders);
    INFO("first run: " << first.status << '\n' << first.out << first.err);
    CHECK(first.status < kKilled);
    int status = first.status;
    std::string said;
    for (int runs = 0; status != 0 && runs < kMostRuns; ++runs) {
        const ProgramResult next = batch.goOn(status);
        status = next.status;
        said += next.out + next.err;
        if (next.err.find("is already completed") != std::string::npos) status = 0;
    }
    INFO("then: " << said);
    REQUIRE(status == 0);
    CHECK(firstDifference(expected(), batch.outcome()).empty());
    CHECK(eventFaults(DataFolder(batch.root), "b").empty());
    return first;
}

bool shimIsHere() {
    if (!kShimWorks) WARN("skipped: a sanitizer stands where the shim would");
    return kShimWorks;
}

}  // namespace

TEST_CASE("an I/O error of any call, in any process, is never taken for success", "[F11]") {
    if (!shimIsHere()) return;
    const std::string role = GENERATE("owner", "batch", "worker");
    const std::string call = GENERATE("open", "read", "write", "fsync", "rename");
    if (role == "worker" && call != "open" && call != "read") return;  // it does nothing else
    std::mt19937 random(Catch::rngSeed());
    const unsigned long latest = role == "owner" ? 60UL : 12UL;
    for (const unsigned long n : {1UL, 2UL + random() % latest}) {
        std::string fault = role;
        fault.append("/").append(call).append(":").append(std::to_string(n)).append(":EIO");
        INFO(fault);
        const auto result = survives({{"SHIM_FAIL", fault}});
        // If it ended the run, the error names it.
        if (result.status != 0) {
            const std::string all = result.out + result.err;
            const bool named = all.find("nput/output error") != std::string::npos ||
                               all.find("disk I/O error") != std::string::npos ||
                               // The message of SQLite for a page that cannot be read.
                               all.find("disk image is malformed") != std::string::npos ||
                               all.find("unable to open database") != std::string::npos;
            INFO(all);
            CHECK(named);
        }
    }
}

TEST_CASE("one read that fails does not make the history a damaged one", "[F11]") {
    if (!shimIsHere()) return;
    // Around the check of the history at the start.
    for (int n = 22; n <= 32; ++n) {
        const std::string fault = "owner/read:" + std::to_string(n) + ":EIO";
        INFO(fault);
        const auto result = survives({{"SHIM_FAIL", fault}});
        CHECK(result.err.find("is damaged") == std::string::npos);
    }
}

TEST_CASE("a disk that starts to fail stops the batch, which continues later", "[F11]") {
    if (!shimIsHere()) return;
    const std::string call = GENERATE("write", "fsync");
    const std::string error = GENERATE("EIO", "ENOSPC", "EROFS");
    std::mt19937 random(Catch::rngSeed());
    const std::string fault =
        "any/" + call + ":" + std::to_string(5 + random() % 40) + "+:" + error;
    INFO(fault);
    const auto result = survives({{"SHIM_FAIL", fault}});
    CHECK(result.status != 0);
}

TEST_CASE("interrupted calls and partial writes change nothing", "[F12]") {
    if (!shimIsHere()) return;
    const unsigned seed = GENERATE(1U, 2U, 3U) + Catch::rngSeed() % 1000;
    INFO("SHIM_SHORT=" << seed);
    CHECK(survives({{"SHIM_SHORT", std::to_string(seed)}}).status == 0);
}

TEST_CASE("a file system that becomes read-only in mid-run stops the batch with that reason",
          "[F10]") {
    if (!shimIsHere()) return;
    const Batch batch;
    std::filesystem::remove(batch.folder / "go");
    Program program(
        batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"},
        withShim(batch.root, {{"SHIM_SWITCH", (batch.folder / "frozen").string() + ":EROFS"}}));
    REQUIRE(program.waitForOutput("waiting"));
    batch.folder.write("frozen", "");
    batch.folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 4);
    CHECK(result.err.find("Read-only file system") != std::string::npos);
    std::filesystem::remove(batch.folder / "frozen");
    CHECK(batch.goOn(4).status == 0);
    CHECK(firstDifference(expected(), batch.outcome()).empty());
}

TEST_CASE("refused memory fails a batch process by name or not at all", "[F5]") {
    if (!shimIsHere()) return;
    const char* text = std::getenv("SHEAFLINE_TEST_OUT_OF_MEMORY");
    const int rounds = text == nullptr ? 8 : std::atoi(text);
    std::mt19937 random(Catch::rngSeed());
    for (int round = 0; round < rounds; ++round) {
        const std::string role = random() % 4 == 0 ? "worker/" : "batch/";
        const std::string fault =
            role + std::to_string(1 + random() % 9000) + (random() % 4 == 0 ? "+" : "");
        INFO(fault);
        const Batch batch;
        const auto result = batch.run({{"SHIM_MALLOC", fault}});
        INFO(result.out << result.err);
        CHECK((result.status == 0 || result.status == 1 || result.status == 4));
        if (result.status != 0) CHECK(result.out.find("\"error\":{") != std::string::npos);
        // With enough memory again, the batch has the usual result.
        int status = result.status;
        for (int runs = 0; status != 0 && runs < 2; ++runs) status = batch.goOn(status).status;
        REQUIRE(status == 0);
        // Sheets that workers could not read in three attempts are quarantined; all others have the
        // usual result.
        if (role == "batch/") CHECK(firstDifference(expected(), batch.outcome()).empty());
    }
}
