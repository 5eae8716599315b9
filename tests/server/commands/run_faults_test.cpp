// Stages that crash, hang, throw or flood: what a person sees in each case.
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

TEST_CASE("any exception of a stage is reported, and the batch fails in order", "[F37]") {
    const Batch batch(probes("  - {id: a, uses: probe, with: {act: throw_int}}\n"));
    CHECK(batch.run().status == 1);
    CHECK(batch.lastEvent().find("not a std::exception") != std::string::npos);
    CHECK(batch.notes() == "tidied\n");
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
              "1 of 40 sheets is quarantined, and skip allows 0 (limit 2%, at_least 1)") !=
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
