// The program as a person meets it: whole batches through owner, batch process and workers.
#include <algorithm>
#include <fstream>
#include <signal.h>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kSheetsAndProcess = R"(
name: squares
params:
  extra: {type: string, default: ""}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 40}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, PROCESSOR}}
finally:
  - {id: tidy, uses: probe, with: {note: tidied}}
)";

std::string pipelineWith(std::string processor) {
    std::string text = kSheetsAndProcess;
    const auto at = text.find(", PROCESSOR");
    return text.replace(at, 11, processor.empty() ? "" : ", " + processor);
}

// A pipeline of probe stages, with one `finally` stage that leaves a note.
std::string probes(const std::string& stages) {
    return "name: probes\nstages:\n" + stages +
           "finally:\n  - {id: tidy, uses: probe, with: {note: tidied}}\n";
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string lastLine(const std::string& text) {
    const auto all = lines(text);
    return all.empty() ? "" : all.back();
}

std::string value(const std::string& json, const std::string& key) {
    const auto at = json.find("\"" + key + "\":");
    if (at == std::string::npos) return {};
    const auto begin = at + key.size() + 3;
    if (json[begin] == '"') return json.substr(begin + 1, json.find('"', begin + 1) - begin - 1);
    return json.substr(begin, json.find_first_of(",}", begin) - begin);
}

struct Batch {
    TemporaryFolder folder;

    explicit Batch(const std::string& pipeline) { folder.write("p.yaml", pipeline); }

    std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{"run", "p.yaml", "--batch-id", "b", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ProgramResult run(std::vector<std::string> more = {}) const {
        return runProgram(folder.path(), arguments(std::move(more)));
    }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words);
    }
    std::string notes() const { return folder.read("sheafline-data/batches/b/notes"); }
    std::vector<std::string> events() const {
        return lines(command({"batches", "events", "b"}).out);
    }
    std::string lastEvent() const { return lastLine(command({"batches", "events", "b"}).out); }
    std::string state() const {
        return value(command({"batches", "show", "b", "--json"}).out, "state");
    }

    void checkEvents() const {
        const auto all = events();
        REQUIRE_FALSE(all.empty());
        double overall = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            INFO(all[i]);
            CHECK(value(all[i], "seq") == std::to_string(i + 1));
            CHECK(std::stod(value(all[i], "overall_percentage")) >= overall);
            overall = std::stod(value(all[i], "overall_percentage"));
        }
    }
};

}  // namespace

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

TEST_CASE("any exception of a stage is reported, and the batch fails in order", "[F37]") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: throw_int}}\n"));
    CHECK(batch.run().status == 1);
    CHECK(batch.lastEvent().find("not a std::exception") != std::string::npos);
    CHECK(batch.notes() == "tidied\n");
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
    // `join` ends only because both `left` and `right` run; `left` fails when it is alone for too
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
    // At most those that were in the hands of the two workers when they were stopped.
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

TEST_CASE("a stage that segfaults once costs one restart of the batch process") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: segv_once}}\n"));
    CHECK(batch.run().status == 0);
    const auto all = batch.events();
    CHECK(std::any_of(all.begin(), all.end(), [](const auto& e) {
        return e.find("killed by SIGSEGV") != std::string::npos &&
               e.find("crash 1 of 5") != std::string::npos;
    }));
}

TEST_CASE(
    "a stage that always segfaults fails the batch after five crashes, and finally stages run",
    "[F38]") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: segv}}\n"));
    const auto result = batch.run();
    CHECK(result.status == 1);
    CHECK(lastLine(result.out).find("killed by SIGSEGV") != std::string::npos);
    CHECK(batch.notes() == "tidied\n");
    batch.checkEvents();
}

TEST_CASE("a finally stage that segfaults or hangs fails alone, and the batch completes",
          "[F38][F40]") {
    const bool hangs = GENERATE(false, true);
    const std::string act = hangs ? "hang}, timeout: 200ms}" : "segv}}";
    const std::string why =
        hangs ? "stage bad did not stop within 10 s of being asked"
              : "the batch's process was lost (killed by SIGSEGV) in stage bad, 5 times";
    const Batch batch(
        "name: p\nstages:\n  - {id: a, uses: probe}\n"
        "finally:\n  - {id: bad, uses: probe, with: {act: " +
        act + "\n  - {id: tidy, uses: probe, with: {note: tidied}}\n");
    const auto result = batch.run();
    INFO(result.out);
    CHECK(result.status == 0);
    CHECK(result.out.find("\"message\":\"Warning: stage bad failed: " + why) != std::string::npos);
    CHECK(lastLine(result.out).find("\"stage\":\"completed\"") != std::string::npos);
    CHECK(batch.notes() == "tidied\n");
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

TEST_CASE("a stage that exceeds its timeout fails by name, even if it never stops", "[F40]") {
    const auto act = GENERATE(as<std::string>{}, "wait", "hang");
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {act: " + act + "}, timeout: 200ms}\n"));
    const auto result = batch.run();
    CHECK(result.status == 1);
    const std::string code = act == "wait" ? "TIMEOUT" : "STAGE_HUNG";
    CHECK(lastLine(result.out).find("\"code\":\"" + code + "\"") != std::string::npos);
    CHECK(batch.notes() == "tidied\n");
}

TEST_CASE(
    "a sheet that crashes, hangs, eats memory or throws is quarantined by name, and the batch "
    "completes",
    "[F35][F36][F39]") {
    const Batch batch(
        pipelineWith("crash: 3, hang: 5, eat: 7, fail: 9, refuse: 11, sheet_timeout: 5s, "
                     "worker_memory: 256MiB}, skip: {limit: 50%"));
    CHECK(batch.run().status == 0);
    HistoryReader history(batch.folder / "sheafline-data/history.db");
    const auto sheets = history.sheets("b");
    CHECK(sheets.at(2).reason == "the worker process ended: killed by SIGSEGV (3 attempts)");
    CHECK(sheets.at(4).reason == "took longer than 5 s (3 attempts)");
    CHECK(sheets.at(6).reason == "used more than 256 MiB of memory (3 attempts)");
    CHECK(sheets.at(8).reason == "the processor failed: thrown as asked (3 attempts)");
    CHECK(sheets.at(10).reason == "refused as asked");
    CHECK(history.batch("b")->sheets_quarantined == 5);
    CHECK(history.batch("b")->sheets_read == 35);
}

TEST_CASE("more quarantined sheets than the skip limit fail the batch") {
    std::string text = pipelineWith("refuse: 11");
    text.replace(text.find("refuse: 11}"), 11, "refuse: 11}, skip: {limit: 2%, at_least: 1}");
    const Batch batch(text);
    CHECK(batch.run().status == 1);
    CHECK(batch.lastEvent().find(
              "1 of 40 sheets are quarantined, and skip allows 0 (limit 2%, at_least 1)") !=
          std::string::npos);
}

TEST_CASE("a million ticks become few events, and invalid values are made safe", "[F41]") {
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {act: ticks, count: 1000000}}\n  - {id: b, uses: "
               "probe, with: {act: nan}}\n"));
    CHECK(batch.run().status == 0);
    CHECK(batch.events().size() < 120);
    batch.checkEvents();
}

TEST_CASE("a full disk stops the batch with that reason, and resume goes on") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: disk_full}}\n"));
    const auto result = batch.run();
    CHECK(result.status == 4);
    CHECK(lastLine(result.out).find("\"code\":\"DISK_FULL\"") != std::string::npos);
    CHECK(batch.state() == "interrupted");
    CHECK(batch.command({"resume", "b"}).status == 0);
}

TEST_CASE("a secret is shown nowhere") {
    const Batch batch(
        probes("  - {id: a, uses: probe, with: {act: secret, note: \"${{ secrets.DOOR }}\"}}\n"));
    const auto result = runProgram(batch.folder.path(), batch.arguments(),
                                   {{"SHEAFLINE_SECRET_DOOR", "open-sesame"}});
    CHECK(result.status == 1);
    CHECK(lastLine(result.out).find("cannot sign in with ***") != std::string::npos);
    CHECK(result.err.find("open-sesame") == std::string::npos);
    CHECK(batch.folder.read("sheafline-data/history.db").find("open-sesame") == std::string::npos);
    CHECK(batch.folder.read("sheafline-data/history.db-wal").find("open-sesame") ==
          std::string::npos);
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
