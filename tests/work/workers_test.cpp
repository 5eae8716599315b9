// Batches whose sheets are read by `sheafline worker` processes, through a real Redis.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "workers_site.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

const std::string kPipelines = SHEAFLINE_SOURCE_DIR "/pipelines/";

}  // namespace

TEST_CASE("killing two workers and stopping one in mid-batch does not change the result",
          "[F24][F34]") {
    const Site site;
    REQUIRE(site.command({"sample", "--sheets", "60", "--seed", "5", "--out", "s.zip"}).status ==
            0);
    std::filesystem::copy(kPipelines, site.folder.path() / "pipelines",
                          std::filesystem::copy_options::recursive);
    const std::vector<std::string> words{
        "run",       "pipelines/omr-batch.yaml", "--input", "s.zip", "--batch-id", "one", "--json",
        "--data-dir"};
    auto local = words;
    local.emplace_back("local");
    REQUIRE(site.command(local).status == 0);

    std::string text = site.folder.read("pipelines/omr-batch.yaml");
    const std::string executor = "executor: local";
    text.replace(text.find(executor), executor.size(), "executor: redis, lease: 600ms");
    site.folder.write("pipelines/omr-batch.yaml", text);
    const auto a = site.worker();
    const auto b = site.worker();
    const auto c = site.worker();
    auto remote = words;
    remote.emplace_back("remote");
    const auto batch = site.start(remote);
    REQUIRE(waitForSheets(site.folder / "remote", "one"));
    a->signal(SIGKILL);
    b->signal(SIGKILL);
    c->signal(SIGSTOP);
    const auto fresh = site.worker();
    const auto result = batch->wait();
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(site.folder.read("local/batches/one/artifacts/demo.csv") ==
          site.folder.read("remote/batches/one/artifacts/demo.csv"));
    HistoryReader history(site.folder / "remote/history.db");
    CHECK(history.batch("one")->sheets_read == 60);
    CHECK(history.batch("one")->sheets_quarantined == 0);
    // The stopped worker returns to a batch that has ended: it leaves the batch, and ends when
    // asked.
    c->signal(SIGCONT);
    c->signal(SIGTERM);
    CHECK(c->wait().status == 0);
    site.checkNothingLeft();
}

TEST_CASE("the loss of one worker does not hold up the others until its lease runs out") {
    const Site site;
    const auto dying = site.worker();
    const auto batch = site.run(squares("pause: 200ms, lease: 10m"));
    REQUIRE(waitForSheets(site.folder / "b", "b"));
    const auto healthy = site.worker();
    dying->signal(SIGKILL);
    const auto result = batch->wait();
    INFO(result.err);
    CHECK(result.status == 0);
    site.checkSquares();
}

TEST_CASE("a sheet that crashes, hangs or throws on every worker is quarantined by name",
          "[F35][F36]") {
    const Site site;
    const auto one = site.worker();
    const auto two = site.worker();
    const auto batch =
        site.run(squares("crash: 3, hang: 5, fail: 9, refuse: 11, sheet_timeout: 700ms"));
    CHECK(batch->wait().status == 0);
    HistoryReader history(site.folder / "b/history.db");
    const auto sheets = history.sheets("b");
    CHECK(sheets.at(2).reason == "the worker process ended: killed by SIGSEGV (3 attempts)");
    CHECK(sheets.at(4).reason == "took longer than 700 ms (3 attempts)");
    CHECK(sheets.at(8).reason == "the processor failed: thrown as asked (3 attempts)");
    CHECK(sheets.at(10).reason == "refused as asked");
    site.checkSquares("b", 4);
    const std::string dead = site.redis.cli("LRANGE sheafline:work:dead 0 -1");
    CHECK(holds(dead,
                R"({"batch_id":"b","sheet":3,"attempts":3,"reason":"the worker process ended)"));
    CHECK(std::ranges::count(dead, '\n') == 2);
}

TEST_CASE("a cancelled batch does not wait for its sheets, and its workers are free") {
    const Site site;
    const auto worker = site.worker();
    const auto batch = site.run(squares("hang: 1, sheet_timeout: 10m"));
    REQUIRE(batch->waitForOutput("Progress: "));
    REQUIRE(eventually([&] { return holds(site.command({"workers"}).out, "working"); }));
    // The sheet would hang for ten minutes, longer than ctest allows.
    CHECK(site.command({"cancel", "b", "--data-dir", "b"}).status == 0);
    CHECK(batch->wait().status == 3);
    REQUIRE(eventually([&] { return holds(site.command({"workers"}).out, "idle"); }));
    site.checkNothingLeft();
}

TEST_CASE("a worker that is asked to stop finishes its sheets and leaves the rest to others") {
    const Site site;
    const auto leaving = site.worker();
    const auto batch = site.run(squares("pause: 50ms"));
    REQUIRE(waitForSheets(site.folder / "b", "b"));
    const auto staying = site.worker();
    leaving->signal(SIGTERM);
    CHECK(leaving->wait().status == 0);
    CHECK(batch->wait().status == 0);
    site.checkSquares();
    const auto list = site.command({"workers", "--json"});
    CHECK(std::ranges::count(list.out, '\n') == 1);  // a worker that has left is not lost
    HistoryReader history(site.folder / "b/history.db");
    for (const Sheet& sheet : history.sheets("b")) CHECK(sheet.attempt == 0);
}

TEST_CASE("a worker of another version names the difference and leaves the sheets to others") {
    const Site site;
    const auto other = site.worker({"--plugin-path", SHEAFLINE_BINARY_DIR "/probes_next"});
    const auto batch = site.run(squares("lease: 600ms"));
    REQUIRE(batch->waitForOutput(" has probe 1.1.0 instead of 1.0.0"));
    REQUIRE(eventually([&] {
        return holds(site.command({"workers"}).out,
                     "does not read batch b: this worker has probe 1.1.0 instead of 1.0.0");
    }));
    const auto narrow = site.worker({"--processors", "omr"});
    REQUIRE(
        eventually([&] { return holds(site.command({"workers"}).out, "has no processor probe"); }));
    const auto fit = site.worker();
    CHECK(batch->wait().status == 0);
    site.checkSquares();
}

TEST_CASE("resume continues the batch of a killed owner and processes each sheet once") {
    const Site site;
    const auto worker = site.worker();
    const auto batch = site.run(squares("pause: 30ms, lease: 600ms"));
    REQUIRE(waitForSheets(site.folder / "b", "b"));
    batch->signal(SIGKILL);
    batch->wait();
    CHECK(site.command({"resume", "b", "--data-dir", "b"}).status == 0);
    site.checkSquares();
    site.checkNothingLeft();
}

TEST_CASE("batches share the workers in turn, so a small batch does not wait for a large one") {
    const Site site;
    const auto worker = site.worker();
    const auto large = site.run(squares("pause: 100ms", 10'000), "large");
    REQUIRE(waitForSheets(site.folder / "large", "large"));
    CHECK(site.run(squares("pause: 1ms", 4), "small")->wait().status == 0);
    // In sequence, the small one would start after eight minutes.
    HistoryReader history(site.folder / "large/history.db");
    CHECK(history.batch("large")->state == BatchState::running);
    large->signal(SIGTERM);
    CHECK(large->wait().status == 4);
}

TEST_CASE("files that params name go along, secrets do not") {
    const Site site;
    const auto worker = site.worker();
    site.folder.write("number", "1000");
    const auto batch = site.run(squares("plus: number"));
    CHECK(batch->wait().status == 0);
    HistoryReader history(site.folder / "b/history.db");
    CHECK(history.reading("b", 2)->values == std::vector<std::string>{"1004"});

    site.folder.write("s.yaml", squares("calls: \"${{ secrets.PLACE }}\""));
    auto environment = site.environment();
    environment["SHEAFLINE_SECRET_PLACE"] = "hush-hush";
    const auto rejected =
        runProgram(site.folder.path(), {"run", "s.yaml", "--data-dir", "s", "--json"}, environment);
    CHECK(rejected.status == 1);
    CHECK(holds(rejected.out, "\"code\":\"SECRET_STAYS\""));
    CHECK_FALSE(holds(rejected.out, "hush-hush"));
}

TEST_CASE("a worker runs programs only if it was started for them, and with the batch's key only") {
    const Site site;
    const std::string pipeline =
        "name: programs\nstages:\n"
        "  - {id: make, uses: probe, with: {act: sheets, count: 3}}\n"
        "  - {id: process, uses: dispatch, with: {processor: command, executor: redis, command: "
        "[sh, -c, \"touch ran; echo '{\\\"a\\\": 1}'\"], columns: [a]}}\n";
    auto careful = site.worker();
    const auto batch = site.run(pipeline);
    CHECK(batch->waitForOutput("--processors command"));
    careful->signal(SIGTERM);
    CHECK(careful->wait().status == 0);

    auto foreign =
        Program(site.folder.path(), {"worker", "--concurrency", "1", "--processors", "command"},
                {{"SHEAFLINE_REDIS", site.redis.url()},
                 {"SHEAFLINE_WORK_KEY", (site.folder / "other.key").string()}});
    CHECK(batch->waitForOutput("is signed with another work key"));
    foreign.signal(SIGTERM);
    CHECK(foreign.wait().status == 0);

    const auto willing = site.worker({"--processors", "command"});
    const auto result = batch->wait();
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(HistoryReader(site.folder / "b/history.db").batch("b")->sheets_read == 3);
}
