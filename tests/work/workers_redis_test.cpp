// Batches whose workers lose Redis, or get a Redis that they cannot use.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "redis_commands.h"
#include "workers_site.h"

using namespace sheafline;
using namespace sheafline::test;

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
