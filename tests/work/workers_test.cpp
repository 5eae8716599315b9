// Batches whose sheets are read by `sheafline worker` processes, through a real Redis.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "redis_commands.h"
#include "redis_server.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::RedisServer;

namespace {

const std::string kPipelines = SHEAFLINE_SOURCE_DIR "/pipelines/";

std::string squares(const std::string& options, int count = 40) {
    return "name: squares\nstages:\n"
           "  - {id: make, uses: probe, with: {act: sheets, count: " +
           std::to_string(count) +
           "}}\n"
           "  - {id: process, uses: dispatch, with: {processor: probe, executor: redis, " +
           options + "}}\n";
}

// Until some of its sheets are read: it is in the middle of them.
bool waitForSheets(const std::filesystem::path& data_folder, const std::string& batch) {
    return eventually([&] {
        try {
            const auto row = HistoryReader(data_folder / "history.db").batch(batch);
            return row && row->sheets_read > 0;
        } catch (const std::exception&) {
            return false;  // there is no history yet
        }
    });
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Site {
    RedisServer redis;
    TemporaryFolder folder;

    std::map<std::string, std::string> environment() const {
        return {{"SHEAFLINE_REDIS", redis.url()},
                {"SHEAFLINE_WORK_KEY", (folder / "work.key").string()}};
    }
    std::unique_ptr<Program> start(const std::vector<std::string>& words) const {
        return std::make_unique<Program>(folder.path(), words, environment());
    }
    std::unique_ptr<Program> worker(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"worker", "--concurrency", "2",   "--heartbeat",
                                       "200ms",  "--log-level",   "info"};
        words.insert(words.end(), more.begin(), more.end());
        auto started = start(words);
        REQUIRE(started->waitForOutput("takes 2 sheets at a time"));
        return started;
    }
    std::unique_ptr<Program> run(const std::string& pipeline,
                                 const std::string& batch = "b") const {
        folder.write(batch + ".yaml", pipeline);
        return start({"run", batch + ".yaml", "--batch-id", batch, "--data-dir", batch, "--json"});
    }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words, environment());
    }

    // Each sheet's square, and how many there are.
    void checkSquares(const std::string& batch = "b", std::uint64_t quarantined = 0) const {
        HistoryReader history(folder / (batch + "/history.db"));
        const auto row = history.batch(batch).value();
        CHECK(row.sheets_total == 40);
        CHECK(row.sheets_quarantined == quarantined);
        CHECK(row.sheets_read == 40 - quarantined);
        for (const Sheet& sheet : history.sheets(batch)) {
            if (sheet.state != SheetState::read) continue;
            INFO("sheet " << sheet.number);
            CHECK(history.reading(batch, sheet.number)->values ==
                  std::vector<std::string>{std::to_string(sheet.number * sheet.number)});
        }
    }
    void checkNothingLeft() const { CHECK(redis.cli("KEYS 'sheafline:work:*'") == ""); }
};

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
    // The stopped one comes back to a batch that is over: it lets go, and ends when asked.
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

TEST_CASE("a consumer group that is destroyed in the middle, or loses a worker, loses no sheet") {
    const Site site;
    const auto worker = site.worker();
    const auto batch = site.run(squares("pause: 100ms, lease: 10m"));
    REQUIRE(waitForSheets(site.folder / "b", "b"));
    const std::string damage = GENERATE(as<std::string>{}, "XGROUP DESTROY", "XGROUP DELCONSUMER");
    const std::string run = site.redis.cli("SMEMBERS sheafline:work:runs");
    std::string name = site.redis.cli("HKEYS sheafline:workers");
    if (damage == "XGROUP DESTROY") name.clear();
    const auto clean = [](std::string text) {
        text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
        return text;
    };
    site.redis.cli(damage + " sheafline:work:" + clean(run) + ":sheets workers " + clean(name));
    const auto result = batch->wait();
    INFO(result.err);
    CHECK(result.status == 0);
    site.checkSquares();
    site.checkNothingLeft();
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

TEST_CASE("emptying or restarting Redis in mid-batch loses and duplicates nothing", "[F18][F19]") {
    Site site;
    const bool restart = GENERATE(false, true);
    const auto worker = site.worker();
    const auto batch = site.run(squares("pause: 50ms, lease: 600ms"));
    REQUIRE(waitForSheets(site.folder / "b", "b"));
    if (restart) {
        site.redis.kill();
        site.redis.start();
    } else {
        site.redis.cli("FLUSHALL");
    }
    CHECK(batch->wait().status == 0);
    site.checkSquares();
    site.checkNothingLeft();
}

TEST_CASE("a batch waits while Redis is down, reports it, and continues when Redis is back",
          "[F17]") {
    Site site;
    site.redis.kill();
    const auto batch = site.run(squares("lease: 600ms"));
    REQUIRE(batch->waitForOutput("\"message\":\"Waiting for Redis: cannot connect to Redis"));
    site.redis.start();
    REQUIRE(batch->waitForOutput("\"message\":\"Waiting for a worker: there is none"));
    const auto worker = site.worker();
    CHECK(batch->wait().status == 0);
    site.checkSquares();
}

TEST_CASE("a frozen or full Redis in mid-batch is reported and costs only time",
          "[F20][F21][F23]") {
    Site site;
    const bool full = GENERATE(false, true);
    const auto worker = site.worker();
    const auto batch = site.run(squares("pause: 40ms, lease: 600ms"));
    REQUIRE(waitForSheets(site.folder / "b", "b"));
    full ? static_cast<void>(site.redis.cli("CONFIG SET maxmemory 1")) : site.redis.freeze();
    CHECK(batch->waitForOutput(full ? "answers: OOM command not allowed"
                                    : "\"message\":\"Waiting for Redis: "));
    full ? static_cast<void>(site.redis.cli("CONFIG SET maxmemory 0")) : site.redis.thaw();
    CHECK(batch->wait().status == 0);
    site.checkSquares();
    site.checkNothingLeft();
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
    CHECK(std::ranges::count(list.out, '\n') == 1);  // who has left is not lost
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
                     "does not read batch b: has probe 1.1.0 instead of 1.0.0");
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
    // One after the other, the small one would begin after eight minutes.
    HistoryReader history(site.folder / "large/history.db");
    CHECK(history.batch("large")->state == BatchState::running);
    large->signal(SIGTERM);
    CHECK(large->wait().status == 4);
}

TEST_CASE("no command and no option that a batch and its workers use is newer than Redis 6.2") {
    const Site site;
    const sheafline::test::RedisCommands commands(site.redis);
    const auto worker = site.worker();
    CHECK(site.run(squares("crash: 3"))->wait().status == 0);
    CHECK(site.command({"workers"}).status == 0);
    worker->signal(SIGTERM);
    CHECK(worker->wait().status == 0);
    std::size_t seen = 0;
    CHECK(commands.newerThan("6.2", seen) == std::vector<std::string>{});
    CHECK(seen > 20);
    CHECK(commands.newerThan("6.0", seen) == std::vector<std::string>{"XADD NOMKSTREAM since 6.2.0",
                                                                      "XAUTOCLAIM since 6.2.0",
                                                                      "XTRIM MINID since 6.2.0"});
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

TEST_CASE("a Redis that rejects our sign-in fails the batch before its first stage", "[F22]") {
    const Site site;
    site.folder.write("p.yaml", squares("lease: 600ms"));
    site.redis.cli("CONFIG SET requirepass sesame");
    const auto result = site.command({"run", "p.yaml", "--batch-id", "b", "--json"});
    CHECK(result.status == 1);
    CHECK(holds(result.out, "\"code\":\"REDIS_AUTH\""));
    CHECK_FALSE(holds(result.out, "127.0.0.1"));  // users of a server see it
    CHECK_FALSE(holds(result.out, "\"stage\":\"probing\""));
    const auto worker = site.command({"worker"});
    CHECK(worker.status != 0);
    CHECK(holds(worker.err, "NOAUTH"));
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
