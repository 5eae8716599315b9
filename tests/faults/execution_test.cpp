// Which work a batch repeats, and that it repeats nothing else: after a change, a retry, or a
// person's decision on a sheet.
#include <algorithm>
#include <signal.h>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/sqlite/statement.h>

#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kSquares = R"(
name: squares
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 20, note: made}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, refuse: 7, plus: plus.txt, calls: calls.txt}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv}
  - {id: load, uses: db_load, with: {url: "sqlite:${{ batch.data_dir }}/results.db", table: t}}
  - {id: last, uses: probe, with: {act: LAST}}
finally:
  - {id: tidy, uses: probe, with: {note: tidied}}
)";

struct Batch {
    TemporaryFolder folder;

    explicit Batch(const std::string& last) {
        std::string text = kSquares;
        folder.write("p.yaml", text.replace(text.find("LAST"), 4, last));
        folder.write("plus.txt", "0");
    }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words);
    }
    ProgramResult run() const { return command({"run", "p.yaml", "--batch-id", "b", "--json"}); }
    HistoryReader history() const { return HistoryReader(folder / "sheafline-data/history.db"); }
    BatchRow row() const { return history().batch("b").value(); }

    // "sheet status square" of the CSV and of the table, which must say the same.
    std::string result(int sheet) const {
        std::istringstream csv(folder.read("sheafline-data/batches/b/artifacts/results.csv"));
        std::string line;
        for (int i = 0; i <= sheet; ++i) std::getline(csv, line);
        std::vector<std::string> cells;
        std::istringstream in(line);
        for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
        const std::string found = cells.at(1) + ' ' + cells.at(6) + ' ' + cells.at(8);
        sqlite::Database database(folder / "sheafline-data/batches/b/results.db",
                                  {.mode = sqlite::OpenMode::read_only});
        sqlite::Statement select(
            database, "SELECT sheet, status, coalesce(square, '') FROM t WHERE sheet = ?1");
        REQUIRE(select.bind(1, sheet).step());
        CHECK(found == select.text(0) + ' ' + select.text(1) + ' ' + select.text(2));
        return found;
    }
    std::size_t calls() const {
        const std::string text = folder.read("calls.txt");
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    std::string notes() const { return folder.read("sheafline-data/batches/b/notes"); }

    // The numbers in seq have no gap, and each execution that ended has one final event.
    void checkEvents(int final_events) const {
        std::uint64_t seq = 0;
        int found = 0;
        for (const CommittedEvent& event : history().eventsOf("b", 0, 100'000)) {
            CHECK(event.seq == ++seq);
            for (const char* stage : {"completed", "failed", "cancelled"})
                found += event.json.find("{\"stage\":\"" + std::string(stage) + '"') == 0 ? 1 : 0;
        }
        CHECK(found == final_events);
    }
};

void interruptInLastStage(const Batch& batch) {
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    program.signal(SIGTERM);
    REQUIRE(program.wait().status == 4);
}

}  // namespace

TEST_CASE("a resumed batch with unchanged inputs repeats nothing, and says so") {
    const Batch batch("wait_once");
    interruptInLastStage(batch);
    const auto plan = batch.command({"resume", "--plan", "b"});
    CHECK(plan.status == 0);
    INFO(plan.out);
    std::istringstream lines(plan.out);
    std::vector<std::string> kept;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("is kept") != std::string::npos)
            kept.push_back(line.substr(0, line.find(' ')));
    }
    CHECK(kept == std::vector<std::string>{"make", "process", "collect", "csv", "load"});
    CHECK(batch.command({"resume", "b"}).status == 0);
    CHECK(batch.row().execution == 1);
    CHECK(batch.calls() == 20);
    CHECK(batch.notes() == "made\ntidied\n");
    batch.checkEvents(1);
}

TEST_CASE("where a file that a stage depends on changed, it and the stages after it run again") {
    const Batch batch("wait_once");
    interruptInLastStage(batch);
    CHECK(batch.result(4) == "4 read 16");
    batch.folder.write("plus.txt", "100");
    const auto plan = batch.command({"resume", "--plan", "b"});
    INFO(plan.out);
    CHECK(plan.out.find("plus.txt has changed") != std::string::npos);
    CHECK(plan.out.find("collect runs again") != std::string::npos);
    CHECK(batch.command({"resume", "b"}).status == 0);
    CHECK(batch.row().execution == 2);
    CHECK(batch.result(4) == "4 read 116");
    CHECK(batch.result(7) == "7 quarantined ");
    CHECK(batch.calls() == 40);
    CHECK(batch.notes() == "made\ntidied\n");
    batch.checkEvents(1);
}

TEST_CASE("a quarantined sheet that gets its code passes through the remaining stages alone") {
    const Batch batch("nothing");
    REQUIRE(batch.run().status == 0);
    CHECK(batch.result(7) == "7 quarantined ");
    const auto fixed = batch.command({"sheets", "fix", "b", "7", "--qr", "MATH-7B/1/4711"});
    INFO(fixed.err);
    CHECK(fixed.status == 0);
    CHECK(batch.row().execution == 2);
    CHECK(batch.row().sheets_quarantined == 0);
    CHECK(batch.row().sheets_read == 20);
    CHECK(batch.result(7) == "7 read 49");
    CHECK(batch.calls() == 21);
    batch.checkEvents(2);
    const auto again = batch.command({"sheets", "fix", "b", "7", "--discard"});
    CHECK(again.status == 2);
    CHECK(again.err.find("sheet 7 is read; only a quarantined one can be fixed") !=
          std::string::npos);
}

TEST_CASE("a quarantined sheet can be discarded") {
    const Batch batch("nothing");
    REQUIRE(batch.run().status == 0);
    CHECK(batch.command({"sheets", "fix", "b", "7", "--discard"}).status == 0);
    CHECK(batch.result(7) == "7 discarded ");
    CHECK(batch.calls() == 20);
    CHECK(batch.row().sheets_discarded == 1);
    CHECK(batch.command({"sheets", "fix", "b", "70", "--discard"}).status == 2);
    CHECK(batch.command({"sheets", "fix", "b", "7"}).status == 2);
    CHECK(batch.command({"sheets", "fix", "b", "7", "--discard"}).status == 2);
}

TEST_CASE("a discarded sheet that gets its code is read like the others") {
    const Batch batch("nothing");
    REQUIRE(batch.run().status == 0);
    REQUIRE(batch.command({"sheets", "fix", "b", "7", "--discard"}).status == 0);
    CHECK(batch.command({"sheets", "fix", "b", "7", "--qr", "MATH-7B/1/4711"}).status == 0);
    CHECK(batch.result(7) == "7 read 49");
    CHECK(batch.row().sheets_discarded == 0);
    CHECK(batch.row().sheets_read == 20);
}

TEST_CASE("a failed batch is retried from its failed stage in a new execution") {
    const Batch batch("fail_once");
    CHECK(batch.run().status == 1);
    CHECK(batch.command({"resume", "b"}).status == 2);
    CHECK(batch.command({"retry", "b"}).status == 0);
    CHECK(batch.row().execution == 2);
    CHECK(batch.calls() == 20);
    CHECK(batch.notes() == "made\ntidied\ntidied\n");
    batch.checkEvents(2);
    CHECK(batch.command({"retry", "b"}).status == 2);
}

TEST_CASE("a cancelled batch never changes, and a running batch cannot be retried") {
    const Batch batch("wait");
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    const auto rejected = batch.command({"retry", "b"});
    CHECK(rejected.status != 0);
    CHECK(rejected.err.find("runs one batch only") != std::string::npos);
    program.signal(SIGINT);
    REQUIRE(program.wait().status == 3);
    CHECK(batch.command({"retry", "b"}).status == 2);
    const auto fix = batch.command({"sheets", "fix", "b", "7", "--discard"});
    CHECK(fix.status == 2);
    CHECK(fix.err.find("was cancelled and cannot be changed") != std::string::npos);
    batch.checkEvents(1);
}
