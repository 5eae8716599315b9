// The rules of the runner, through the program: values of stages, the skip limit, time limits,
// readings that do not fit, checkpoints.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

struct Batch {
    TemporaryFolder folder;

    explicit Batch(const std::string& pipeline) { folder.write("p.yaml", pipeline); }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words);
    }
    ProgramResult run() const { return command({"run", "p.yaml", "--batch-id", "b", "--json"}); }
    HistoryReader history() const { return HistoryReader(folder / "sheafline-data/history.db"); }
    BatchRow row() const { return history().batch("b").value(); }
    StageRow stage(const std::string& id) const {
        for (StageRow& row : history().stages("b", row().execution)) {
            if (row.stage_id == id) return row;
        }
        throw std::runtime_error("no stage " + id);
    }
    std::string artifact(const std::string& name) const {
        return folder.read("sheafline-data/batches/b/artifacts/" + name);
    }
    std::string notes() const { return folder.read("sheafline-data/batches/b/notes"); }
};

std::string pipeline(const std::string& stages) { return "name: p\nstages:\n" + stages; }

const std::string kTwenty = "  - {id: make, uses: probe, with: {act: sheets, count: 20}}\n";

std::string allQuarantined(const std::string& keys) {
    return "  - {id: process, uses: dispatch, with: {processor: command, command: [\"false\"], "
           "columns: [a]}" +
           keys + "}\n";
}

}  // namespace

TEST_CASE("done, total and failed of a stage are values for the stages after it") {
    const Batch batch(pipeline(
        kTwenty +
        "  - {id: process, uses: dispatch, with: {processor: probe, refuse: 7}}\n"
        "  - {id: collect, uses: collect, if: \"stages.process.done != 7777\"}\n"
        "  - {id: csv, uses: csv, with: {file: \"${{ stages.process.done }}-${{ "
        "stages.process.total }}-${{ stages.process.failed }}.csv\"}}\n"
        "  - {id: never, uses: probe, if: \"stages.process.failed == 0 || stages.csv.done == 0\"}\n"
        "finally:\n"
        "  - {id: first, uses: probe, with: {note: \"${{ stages.process.failed }}\"}}\n"
        "  - {id: second, uses: probe, with: {note: \"${{ stages.first.state }} ${{ batch.state "
        "}}\"}}\n"));
    const ProgramResult result = batch.run();
    INFO(result.out);
    CHECK(result.status == 0);
    CHECK(batch.artifact("20-20-1.csv").find("quarantined") != std::string::npos);
    CHECK(batch.stage("never").state == StageState::skipped);
    CHECK(batch.notes() == "1\ncompleted completed\n");
}

TEST_CASE("values of stages that ran before an interruption are known after it") {
    const Batch batch(
        pipeline(kTwenty +
                 "  - {id: process, uses: dispatch, with: {processor: probe, refuse: 7}}\n"
                 "  - {id: wait, uses: probe, with: {act: wait_once}}\n"
                 "  - {id: note, uses: probe, with: {note: \"${{ stages.process.done }} ${{ "
                 "stages.process.failed }}\"}}\n"));
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    program.signal(SIGTERM);
    REQUIRE(program.wait().status == 4);
    CHECK(batch.command({"resume", "b"}).status == 0);
    CHECK(batch.notes() == "20 1\n");
}

TEST_CASE("finally knows how the batch ended") {
    const Batch batch(pipeline(
        "  - {id: work, uses: probe, with: {act: fail}}\n"
        "finally:\n"
        "  - {id: a, uses: probe, if: \"batch.state == 'failed'\", with: {note: sorry}}\n"
        "  - {id: b, uses: probe, if: \"batch.state == 'completed'\", with: {note: wrong}}\n"));
    CHECK(batch.run().status == 1);
    CHECK(batch.notes() == "sorry\n");
}

TEST_CASE("a stage over its skip limit is stored as failed, at every retry") {
    const Batch batch(pipeline(kTwenty + allQuarantined(", skip: {limit: 10%}")));
    CHECK(batch.run().status == 1);
    for (int execution = 1; execution <= 5; ++execution) {
        INFO("execution " << execution);
        CHECK(batch.row().execution == execution);
        CHECK(batch.row().state == BatchState::failed);
        CHECK(batch.row().outcome->error->code == "SKIP_LIMIT");
        CHECK(batch.stage("process").state == StageState::failed);
        CHECK(batch.stage("process").error.value_or("").find("quarantined") != std::string::npos);
        CHECK(batch.command({"retry", "b"}).status == 1);
    }
}

TEST_CASE("after a retry the sheets of the limited stage are read again") {
    const Batch batch(
        pipeline(kTwenty +
                 "  - {id: process, uses: dispatch, skip: {limit: 10%}, with: {processor: command, "
                 "command: [./late.sh], columns: [a]}}\n"
                 "  - {id: collect, uses: collect}\n"));
    batch.folder.write("late.sh", "#!/bin/sh\nexit 1\n");
    std::filesystem::permissions(batch.folder / "late.sh", std::filesystem::perms::owner_all);
    CHECK(batch.run().status == 1);
    batch.folder.write("late.sh", "#!/bin/sh\necho '{\"a\": \"1\"}'\n");
    const ProgramResult retried = batch.command({"retry", "b"});
    INFO(retried.err);
    CHECK(retried.status == 0);
    CHECK(batch.row().sheets_read == 20);
}

TEST_CASE("a batch whose sheets are all quarantined does not complete, whatever its limit") {
    const std::string keys = GENERATE("", ", skip: {limit: 100%}", ", skip: {at_least: 1000}");
    INFO(keys);
    const Batch batch(pipeline(kTwenty + allQuarantined(keys)));
    const ProgramResult result = batch.run();
    CHECK(result.status == 1);
    CHECK(batch.row().outcome->error->code == "SKIP_LIMIT");
    CHECK(result.out.find("Batch completed") == std::string::npos);
}

TEST_CASE("one quarantined sheet of twenty does not stop a batch that says nothing") {
    const Batch batch(pipeline(
        kTwenty + "  - {id: process, uses: dispatch, with: {processor: probe, refuse: 7}}\n"));
    CHECK(batch.run().status == 0);
    CHECK(batch.row().sheets_quarantined == 1);
    const Batch strict(pipeline(kTwenty +
                                "  - {id: process, uses: dispatch, skip: {limit: 0%, at_least: 1}, "
                                "with: {processor: probe, refuse: 7}}\n"));
    CHECK(strict.run().status == 1);
    CHECK(strict.stage("process").state == StageState::failed);
}

TEST_CASE("a reading with too few values costs its sheet an attempt, not the batch") {
    const Batch batch(pipeline(
        kTwenty +
        "  - {id: process, uses: dispatch, with: {processor: probe, valueless: 3, workers: 1}}\n"
        "  - {id: collect, uses: collect}\n"
        "  - {id: csv, uses: csv}\n"));
    CHECK(batch.run().status == 0);
    const Sheet sheet = batch.history().sheets("b").at(2);
    CHECK(sheet.state == SheetState::quarantined);
    CHECK(sheet.reason == "the processor gave 0 values for 1 column (3 attempts)");
    CHECK(batch.row().sheets_read == 19);
}

TEST_CASE("a checkpoint over 1 MiB is an error that says what to do") {
    const Batch fits(
        pipeline("  - {id: work, uses: probe, with: {act: checkpoint, count: 1048576}}\n"));
    CHECK(fits.run().status == 0);
    const Batch large(
        pipeline("  - {id: work, uses: probe, with: {act: checkpoint, count: 1048577}}\n"));
    CHECK(large.run().status == 1);
    const EventError error = large.row().outcome->error.value();
    CHECK(error.code == "CHECKPOINT_TOO_LARGE");
    CHECK(error.message ==
          "the checkpoint of stage work has 1048577 bytes, more than 1 MiB; write large state to "
          "a file in the stage's folder");
}

TEST_CASE("a timeout is rejected or holds, but never overflows") {
    const Batch longest(
        pipeline("  - {id: work, uses: probe, timeout: 36500d, retry: {initial: "
                 "36500d, max_interval: 36500d}}\n"));
    CHECK(longest.run().status == 0);
    const Batch too_long(pipeline("  - {id: work, uses: probe, timeout: 200000d}\n"));
    const ProgramResult result = too_long.command({"validate", "p.yaml"});
    CHECK(result.status == 2);
    CHECK((result.out + result.err)
              .find("p.yaml:3:38: timeout: '200000d' is not a duration; write a duration such as "
                    "250ms, 30s, 5m, 2h or 1d, at most 36500d") != std::string::npos);
}

TEST_CASE("a stage over its timeout fails and is not tried again") {
    const Batch batch(
        pipeline("  - {id: work, uses: probe, timeout: 300ms, retry: {max_attempts: "
                 "5, initial: 1ms}, with: {act: wait}}\n"));
    CHECK(batch.run().status == 1);
    CHECK(batch.row().outcome->error->code == "TIMEOUT");
    CHECK(batch.stage("work").attempt == 1);
}

TEST_CASE("a table without a column of the processor fails the batch before the first sheet") {
    const std::string calls = "calls.txt";
    const Batch batch(pipeline(
        kTwenty +
        "  - {id: process, uses: dispatch, with: {processor: probe, calls: calls.txt}}\n"
        "  - {id: collect, uses: collect}\n"
        "  - {id: load, uses: db_load, with: {url: \"sqlite:results.db\", table: rows}}\n"));
    const std::string columns =
        "batch_id text, sheet integer, file text, page integer, qr text, \\\"group\\\" text, "
        "status text, flags text, score numeric, confidence numeric, PRIMARY KEY (batch_id, sheet)";
    const std::string file = (batch.folder / "results.db").string();
    REQUIRE(std::system(
                ("sqlite3 '" + file + "' \"CREATE TABLE rows (" + columns + ")\"").c_str()) == 0);
    CHECK(batch.run().status == 1);
    const auto error = batch.row().outcome->error;
    CHECK(error->code == "SCHEMA_DRIFT");
    CHECK_THAT(error->message,
               Catch::Contains("stage load would fail: table rows has no column 'square'"));
    CHECK_FALSE(std::filesystem::exists(batch.folder / calls));
    CHECK(batch.row().sheets_read == 0);

    REQUIRE(std::system(
                ("sqlite3 '" + file + "' 'ALTER TABLE rows ADD COLUMN square text'").c_str()) == 0);
    CHECK(batch.command({"retry", "b"}).status == 0);
}
