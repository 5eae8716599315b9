// Plugins that misbehave, in the worker of a sheet and in the process of a batch.
#include <algorithm>
#include <set>
#include <signal.h>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/process_tree.h"
#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

// A sanitizer would report the signal, and end the process in a different way.
const std::map<std::string, std::string> kPlainSignals{
    {"ASAN_OPTIONS", "handle_segv=0:handle_abort=0:detect_leaks=0:use_sigaltstack=0"},
    {"TSAN_OPTIONS", "handle_segv=0:handle_abort=0:report_signal_unsafe=0:die_after_fork=0"}};

struct OfStage {
    std::string act;
};

struct Batch {
    TemporaryFolder folder{};

    // `with` are params of the processor and of dispatch.
    explicit Batch(const std::string& with, int sheets = 8, int workers = 2) {
        folder.write("p.yaml",
                     "name: nasty\nstages:\n  - {id: make, uses: probe, with: {act: "
                     "sheets, count: " +
                         std::to_string(sheets) +
                         "}}\n  - {id: process, uses: dispatch, with: {processor: nasty, "
                         "workers: " +
                         std::to_string(workers) + ", " + with +
                         "}}\n  - {id: collect, uses: collect}\n  - {id: csv, uses: csv}\n"
                         "finally:\n  - {id: tidy, uses: probe, with: {note: tidied}}\n");
    }
    explicit Batch(const OfStage& stage) {
        folder.write(
            "p.yaml",
            "name: nasty\nstages:\n  - {id: bad, uses: nasty_stage, with: {act: " + stage.act +
                "}}\nfinally:\n  - {id: tidy, uses: probe, with: {note: "
                "tidied}}\n");
    }
    ProgramResult run(std::map<std::string, std::string> environment = kPlainSignals) const {
        return runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"},
                          environment);
    }
    HistoryReader history() const { return HistoryReader(folder / "sheafline-data/history.db"); }
    std::string reason(int sheet) const { return history().sheet("b", sheet)->reason; }
};

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

}  // namespace

TEST_CASE("a processor that harms its worker costs only that sheet, by name",
          "[F35][F36][F37][F38][F39]") {
    struct Case {
        const char* act;
        const char* reason;
    };
    const Case one = GENERATE(
        Case{"throw_int", "the processor failed: it threw an object that is not a std::exception"},
        Case{"segv", "the worker process ended: killed by SIGSEGV"},
        Case{"abort", "the worker process ended: killed by SIGABRT"},
        Case{"exit", "the worker process ended: exit status 0"},
        Case{"_exit", "the worker process ended: exit status 9"},
        Case{"overflow", "the worker process ended: killed by SIGSEGV"},
        Case{"stop", "took longer than 1500 ms"},
        Case{"huge", "the processor failed: its reading has 3145728"},
        Case{"socket", "a message between processes has a wrong length"});
    INFO(one.act);
    const std::string patience = one.act == std::string("stop") ? "1500ms" : "1h";
    const Batch batch("act: " + std::string(one.act) + ", sheet_timeout: " + patience);
    const auto result = batch.run();
    INFO(result.out << result.err);
    REQUIRE(result.status == 0);
    CHECK(batch.reason(3).starts_with(one.reason));
    CHECK(batch.reason(3).ends_with("(3 attempts)"));
    CHECK(batch.history().batch("b")->sheets_read == 7);
    CHECK(batch.history().batch("b")->sheets_quarantined == 1);
}

TEST_CASE("a process that a worker leaves behind neither hides its end nor outlives the batch",
          "[F39]") {
    const std::string act = GENERATE("fork", "fork_and_die");
    const Batch batch("act: " + act + ", sheet_timeout: 1h");
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"},
                    kPlainSignals);
    REQUIRE(program.waitForOutput("\"seq\":2,"));
    const auto processes = descendantsOf(program.pid());
    REQUIRE(processes.size() >= 2);
    const auto result = program.wait();
    CHECK(result.status == 0);
    CHECK(batch.history().batch("b")->sheets_read == (act == "fork" ? 8 : 7));
    for (const pid_t pid : processes) {
        // Neither the process nor its group exists.
        CHECK(eventually([&] { return ::kill(pid, 0) != 0 && ::kill(-pid, 0) != 0; }));
    }
}

TEST_CASE("a leaking processor gets a new worker before a sheet fails", "[F39]") {
#ifdef __SANITIZE_THREAD__
    const std::string memory = "2GiB";  // each leaked byte has four bytes of shadow memory
#else
    const std::string memory = "512MiB";
#endif
    const Batch batch("act: leak, pids: pids, worker_memory: " + memory, 60, 1);
    const auto result = batch.run({});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(batch.history().batch("b")->sheets_read == 60);
    CHECK(result.err.find("attempt") == std::string::npos);
    const auto pids = lines(batch.folder.read("pids"));
    CHECK(std::set<std::string>(pids.begin(), pids.end()).size() > 1);
}

TEST_CASE("a worker and a batch process cannot exceed their limit of open files", "[F39]") {
    const Batch worker("act: files");
    REQUIRE(worker.run().status == 0);
    CHECK(std::stoi(worker.history().reading("b", 3)->values.at(1)) < 1'024);
    const Batch stage(OfStage{"files"});
    const auto result = stage.run();
    CHECK(result.status == 1);
    CHECK(result.out.find("10000 files") == std::string::npos);
}

TEST_CASE("values that are not text and a confidence that is not a number are harmless", "[F41]") {
    const Batch batch("act: bad_values");
    const auto result = batch.run();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    const std::string csv = batch.folder.read("sheafline-data/batches/b/artifacts/results.csv");
    CHECK(lines(csv).size() == 9);
    CHECK(csv.find("nan") == std::string::npos);
}

TEST_CASE("a plugin that changes its process does not affect others", "[F43]") {
    const bool in_worker = GENERATE(true, false);
    const Batch batch = in_worker ? Batch("act: surroundings") : Batch(OfStage{"surroundings"});
    const auto result = batch.run();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    // Its output is not an event.
    for (const std::string& line : lines(result.out)) CHECK(line.starts_with("{\"stage\":"));
    CHECK(result.err.find("no event at all") != std::string::npos);
    if (in_worker) {
        CHECK(batch.history().batch("b")->sheets_read == 8);
    } else {
        CHECK(result.err.find("the stage changed the umask of its process; it was restored") !=
              std::string::npos);
        CHECK(batch.folder.read("sheafline-data/batches/b/notes") == "tidied\n");
    }
}

TEST_CASE("a stage that ends its process fails the batch by name after five times", "[F8][F38]") {
    struct Case {
        const char* act;
        const char* end;
    };
    const Case one =
        GENERATE(Case{"throw_in_thread", "killed by SIGABRT"},
                 Case{"throw_in_destructor", "SIGABRT"}, Case{"abort", "killed by SIGABRT"},
                 Case{"exit", "exit status 0"}, Case{"_exit", "exit status 0"},
                 Case{"overflow", "killed by SIGSEGV"}, Case{"fork_and_die", "killed by SIGSEGV"},
                 Case{"socket", "a message between processes has a wrong length"});
    INFO(one.act);
    const Batch batch(OfStage{one.act});
    const auto result = batch.run();
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(result.out.find("\"code\":\"STAGE_CRASHED\"") != std::string::npos);
    CHECK(result.out.find(one.end) != std::string::npos);
    CHECK(batch.folder.read("sheafline-data/batches/b/notes") == "tidied\n");
}

TEST_CASE("a stage that eats memory is killed at its limit, with that reason", "[F39]") {
    const Batch batch(OfStage{"eat"});
    auto environment = kPlainSignals;
    environment["SHEAFLINE_BATCH_MEMORY"] = "512MiB";
    const auto result = batch.run(environment);
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(result.out.find("used more than 512 MiB of memory") != std::string::npos);
}

TEST_CASE("a stage that forks without end is killed with all that it started, with that reason",
          "[F39]") {
    const Batch batch(OfStage{"forks"});
    const auto result = batch.run();
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(result.out.find("had more than 1000 processes") != std::string::npos);
    CHECK(batch.folder.read("sheafline-data/batches/b/notes") == "tidied\n");
}

TEST_CASE("a stage whose process does not end does not delay its batch", "[F40]") {
    const std::string act = GENERATE("hang_at_end", "fork");
    const Batch batch(OfStage{act});
    const auto result = batch.run();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

TEST_CASE(
    "a processor that hangs at its start fails the stage, one that hangs at its end fails nothing",
    "[F40]") {
    const Batch start("act: hang_at_start, sheet_timeout: 1s");
    const auto failed = start.run();
    CHECK(failed.status == 1);
    CHECK(failed.out.find("was not ready within 10 s of its start") != std::string::npos);
    CHECK(Batch("act: hang_at_end").run().status == 0);
}

TEST_CASE(
    "SIGTERM ends a batch with a hanging stage within the grace period, and it can be resumed",
    "[F40]") {
    const Batch batch(OfStage{"hang"});
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"},
                    kPlainSignals);
    REQUIRE(eventually([&] {
        try {
            return batch.history().stages("b", 1).at(0).state == StageState::running;
        } catch (const std::exception&) {
            return false;
        }
    }));
    program.signal(SIGTERM);
    CHECK(program.wait().status == 4);
    CHECK(batch.history().batch("b")->state == BatchState::interrupted);
}

TEST_CASE("invalid progress is clamped, thinned and counted", "[F41]") {
    const Batch batch(OfStage{"nonsense"});
    const auto result = batch.run();
    CHECK(result.status == 0);
    CHECK(result.err.find("events with impossible numbers or texts") != std::string::npos);
    CHECK(result.out.size() < 20'000);
    CHECK(lines(result.out).size() < 30);
    CHECK(result.out.find("nan") == std::string::npos);
}

TEST_CASE("killing a worker from outside loses no sheet and counts none twice", "[F34]") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: squares\nstages:\n  - {id: make, uses: probe, with: {act: sheets, count: "
                 "60}}\n  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, "
                 "pause: 20ms}}\n  - {id: collect, uses: collect}\n  - {id: csv, uses: csv}\n");
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("\"sheets_processed\":1"));
    const int signal = GENERATE(SIGKILL, SIGTERM);
    // Owner, guard of the batch process, batch process, guard of the worker, worker.
    const pid_t batch = childrenOf(childrenOf(program.pid()).at(0)).at(0);
    const pid_t worker = childrenOf(childrenOf(batch).at(0)).at(0);
    ::kill(worker, signal);
    CHECK(program.wait().status == 0);
    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->sheets_read == 60);
    CHECK(lines(folder.read("sheafline-data/batches/b/artifacts/results.csv")).size() == 61);
}
