// The program as a person uses it: whole batches through owner, batch process and workers.
#include <algorithm>
#include <fstream>
#include <signal.h>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "run_fixture.h"

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE(
    "a batch runs from its first event to completed, and standard output holds nothing else") {
    const Batch batch(pipelineWith(""));
    const auto result = batch.run();
    INFO(result.err);
    CHECK(result.status == 0);
    const auto out = lines(result.out);
    REQUIRE(out == batch.events());
    CHECK(value(out.front(), "stage") == "queued");
    CHECK(value(out.back(), "stage") == "completed");
    CHECK(value(out.back(), "message") == "Batch completed successfully");
    CHECK(value(out.back(), "overall_percentage") == "100.0");
    CHECK(value(out.back(), "sheets_processed") == "40");
    CHECK(batch.notes() == "tidied\n");
    batch.checkEvents();
    HistoryReader history(batch.folder / "sheafline-data/history.db");
    for (int number = 1; number <= 40; ++number) {
        CHECK(history.reading("b", number)->values ==
              std::vector<std::string>{std::to_string(number * number)});
    }
}

TEST_CASE("a batch id is used once, and the error names resume") {
    const Batch batch(probes("  - {id: a, uses: probe}\n"));
    CHECK(batch.run().status == 0);
    const auto again = batch.run();
    CHECK(again.status == 2);
    CHECK(again.err.find("sheafline resume b") != std::string::npos);
}

TEST_CASE("a failing stage fails the batch by name, later stages do not run, finally stages do") {
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {act: fail}}\n  - {id: b, uses: probe, with: {note: "
               "never}}\n"));
    const auto result = batch.run();
    CHECK(result.status == 1);
    const auto last = lastLine(result.out);
    CHECK(value(last, "stage") == "failed");
    CHECK(last.find(
              R"("error":{"code":"PROBE","message":"the probe failed as asked","stage":"a"})") !=
          std::string::npos);
    CHECK(batch.notes() == "tidied\n");
    batch.checkEvents();
}

TEST_CASE("a certain failure of a later stage is reported before the first stage runs") {
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {note: never}}\n  - {id: b, uses: probe, with: "
               "{act: preflight}}\n"));
    CHECK(batch.run().status == 1);
    CHECK(batch.lastEvent().find(R"("message":"the probe knew it before","stage":"b"})") !=
          std::string::npos);
    CHECK(batch.notes() == "tidied\n");
    batch.checkEvents();
}

TEST_CASE("a transient error is retried from the checkpoint") {
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {act: transient, count: 2}, retry: {max_attempts: "
               "3, initial: 1ms}}\n"));
    CHECK(batch.run().status == 0);
    const auto all = batch.events();
    CHECK(std::count_if(all.begin(), all.end(), [](const auto& e) {
              return e.find("not yet; next attempt in") != std::string::npos;
          }) == 2);
}

TEST_CASE("a persistent transient error fails after the last attempt") {
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {act: transient, count: 9}, retry: {max_attempts: "
               "2, initial: 1ms}}\n"));
    CHECK(batch.run().status == 1);
}

TEST_CASE("a stage whose condition is false is skipped, and the next one runs") {
    const Batch batch(
        probes("  - {id: a, uses: probe, if: \"${{ batch.id == 'other' }}\", with: {act: fail}}\n  "
               "- {id: b, uses: probe, with: {note: ran}}\n"));
    CHECK(batch.run().status == 0);
    CHECK(batch.notes() == "ran\ntidied\n");
}

TEST_CASE("stages that need each other run in that order, others at the same time") {
    // `join` ends only because both `left` and `right` run; `left` fails if it runs alone for too
    // long.
    const Batch batch(
        "name: dag\nstages:\n"
        "  - {id: last, uses: probe, needs: [left, right], with: {note: last}}\n"
        "  - {id: left, uses: probe, needs: [], with: {note: first}}\n"
        "  - {id: right, uses: probe, needs: [left], with: {note: second}}\n");
    CHECK(batch.run().status == 0);
    CHECK(batch.notes() == "first\nsecond\nlast\n");
}

TEST_CASE("SIGINT runs the finally stages and then cancels the batch for good") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: wait}}\n"));
    Program program(batch.folder.path(), batch.arguments());
    REQUIRE(program.waitForOutput("waiting"));
    program.signal(SIGINT);
    const auto result = program.wait();
    CHECK(result.status == 3);
    CHECK(value(lastLine(result.out), "stage") == "cancelled");
    CHECK(batch.notes() == "tidied\n");
    CHECK(batch.command({"resume", "b"}).status == 2);
}

TEST_CASE("another process cancels through the owner") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: wait}}\n"));
    Program program(batch.folder.path(), batch.arguments());
    REQUIRE(program.waitForOutput("waiting"));
    CHECK(batch.command({"cancel", "b"}).status == 0);
    CHECK(program.wait().status == 3);
    CHECK(batch.command({"cancel", "b"}).status == 2);
}

TEST_CASE("a second owner is rejected at once, and the error names the first", "[F16]") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: wait}}\n"));
    Program program(batch.folder.path(), batch.arguments());
    REQUIRE(program.waitForOutput("waiting"));
    const auto second = batch.command({"run", "p.yaml"});
    CHECK(second.status == 75);
    CHECK(second.err.find("in use by pid " + std::to_string(program.pid()) + " since 2") !=
          std::string::npos);
    CHECK(batch.state() == "running");
}

TEST_CASE("SIGTERM leaves the batch interrupted, and resume continues without repeating a sheet",
          "[F6]") {
    const Batch batch(pipelineWith("pause: 20ms, calls: calls.txt"));
    Program program(batch.folder.path(), batch.arguments());
    REQUIRE(program.waitForOutput("\"sheets_processed\":1"));
    program.signal(SIGTERM);
    CHECK(program.wait().status == 4);
    CHECK(batch.state() == "interrupted");
    CHECK(batch.notes().empty());
    const auto resumed = batch.command({"resume", "b", "--json"});
    CHECK(resumed.status == 0);
    CHECK(value(firstLine(resumed.out), "message") == "Resumed: it was interrupted");
    CHECK(batch.notes() == "tidied\n");
    batch.checkEvents();
    // At most the sheets that the two workers had when they were stopped.
    CHECK(lines(batch.folder.read("calls.txt")).size() <= 44);
}

TEST_CASE(
    "kill -9 of the owner takes its processes along, the batch shows interrupted, and resumes") {
    const Batch batch(pipelineWith("pause: 20ms"));
    Program program(batch.folder.path(), batch.arguments());
    REQUIRE(program.waitForOutput("\"sheets_processed\":1"));
    program.signal(SIGKILL);
    program.wait();
    CHECK(batch.state() == "interrupted");
    CHECK(batch.command({"resume", "b"}).status == 0);
    CHECK(batch.state() == "completed");
    batch.checkEvents();
}

TEST_CASE(
    "a process that dies again and again outside of its stages ends the batch as its work ended",
    "[F38]") {
    const Batch batch(probes("  - {id: a, uses: probe}\n"));
    const auto result = runProgram(batch.folder.path(), batch.arguments(),
                                   {{"SHEAFLINE_FAULT", "batch/runner.outcome:1:kill"}});
    CHECK(result.status == 0);
    CHECK(lastLine(result.out)
              .find("\"message\":\"Batch completed: the batch's process was lost "
                    "(killed by SIGKILL), 5 times\"") != std::string::npos);
    batch.checkEvents();
}

TEST_CASE("an unusable data folder is exit 78, a wrong option exit 2, each with one clear line") {
    const TemporaryFolder folder;
    folder.write("file", "");
    folder.write("p.yaml", probes("  - {id: a, uses: probe}\n"));
    const auto unusable = runProgram(folder.path(), {"run", "p.yaml", "--data-dir", "file/data"});
    CHECK(unusable.status == 78);
    CHECK(unusable.err.find("--data-dir") != std::string::npos);
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--no-such"}).status == 2);
    CHECK(runProgram(folder.path(), {"run", "missing.yaml"}).status == 2);
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "../b"}).status == 2);
    CHECK(runProgram(folder.path(), {"batches"}).status == 2);
    CHECK(runProgram(folder.path(), {}).status == 2);
    CHECK(runProgram(folder.path(), {"--help"}).status == 0);
}
