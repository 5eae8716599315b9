// Redis fails while a server runs a batch: the batch is not affected, the failure is reported once,
// and everything is in Redis soon after it ends.
#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "redis_server.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// The newest event and the log, in the history and in Redis.
std::string inHistory(const RunningServer& server, const std::string& batch, const Headers& who) {
    const std::string all = server.client().get(at(batch, "/progress?after=0"), who).body;
    const std::string newest = server.client().get(at(batch, "/progress"), who).body;
    return newest + "\n" + all.substr(0, all.find("],\"next\""));
}

std::string inRedis(const RedisServer& redis, const std::string& batch) {
    std::istringstream log(redis.cli("LRANGE batch:" + batch + ":progress:log 0 -1"));
    std::string events = "{\"events\":[";
    for (std::string line; std::getline(log, line);)
        events += (events.ends_with('[') ? "" : ",") + line;
    return redis.cli("GET batch:" + batch + ":progress:current") + "\n" + events;
}

struct Trouble {
    const char* name;
    const char* code;
    std::function<void(RedisServer&)> begin;
    std::function<void(RedisServer&)> end;
};

// Runs `slow`; Redis fails in the middle, and the batch ends during the failure.
void survive(const Trouble& trouble) {
    INFO(trouble.name);
    const Site site;
    RedisServer redis;
    RunningServer server(site, "0", {{"SHEAFLINE_LOG_LEVEL", "warning"}}, {"--redis", redis.url()});
    const Headers admin = server.signInAdmin();
    const auto ready = [&] { return server.client().get("/readyz"); };

    const std::string id = server.create("slow", admin);
    const std::string current = "GET batch:" + id + ":progress:current";
    REQUIRE(eventually([&] { return redis.cli(current).find("processing") != std::string::npos; }));
    trouble.begin(redis);
    REQUIRE(eventually([&] { return ready().body.find(trouble.code) != std::string::npos; }));
    CHECK(ready().status == 200);
    CHECK(value(ready().body, "status") == "degraded");
    CHECK(server.client()
              .get("/metrics")
              .body.find("sheafline_sink_trouble{sink=\"redis\",code=\"" +
                         std::string(trouble.code) + "\"} 1") != std::string::npos);
    REQUIRE(eventually([&] {
        return value(server.client().get(at(id, "/status"), admin).body, "state") == "completed";
    }));
    CHECK(server.client().get("/healthz").status == 200);
    trouble.end(redis);

    const std::string truth = inHistory(server, id, admin);
    CHECK(eventually([&] { return inRedis(redis, id) == truth; }));
    CHECK(eventually([&] { return value(ready().body, "status") == "ready"; }));
    CHECK(redis.cli("HGET batch:" + id + ":meta state") == "completed");
    server.program().signal(SIGTERM);
    const ProgramResult ended = server.program().wait();
    CHECK(ended.status == 0);
    INFO(ended.err);
    CHECK(countOf(ended.err, "sink redis fails") == 1);
}

}  // namespace

TEST_CASE("Redis killed in the middle of a batch and restarted empty", "[F18]") {
    survive({"killed", "REDIS_REFUSED", [](RedisServer& redis) { redis.kill(); },
             [](RedisServer& redis) { redis.start(); }});
}

TEST_CASE("Redis paused in the middle of a batch", "[F20]") {
    survive({"paused", "REDIS_TIMEOUT", [](RedisServer& redis) { redis.freeze(); },
             [](RedisServer& redis) { redis.thaw(); }});
}

TEST_CASE("Redis full in the middle of a batch", "[F21]") {
    survive({"full", "REDIS_OOM",
             [](RedisServer& redis) {
                 redis.cli("CONFIG SET maxmemory-policy noeviction");
                 redis.cli("CONFIG SET maxmemory 1mb");
             },
             [](RedisServer& redis) { redis.cli("CONFIG SET maxmemory 0"); }});
}

TEST_CASE("Redis becomes a replica in the middle of a batch", "[F22]") {
    survive({"readonly", "REDIS_READONLY",
             [](RedisServer& redis) { redis.cli("REPLICAOF 127.0.0.1 1"); },
             [](RedisServer& redis) { redis.cli("REPLICAOF NO ONE"); }});
}

TEST_CASE("Redis starts to require a password in mid-batch", "[F22]") {
    survive({"auth", "REDIS_AUTH",
             [](RedisServer& redis) {
                 redis.cli("CONFIG SET requirepass hush");
                 redis.cli("--no-auth-warning -a hush CLIENT KILL TYPE normal SKIPME yes");
             },
             [](RedisServer& redis) {
                 redis.cli("--no-auth-warning -a hush CONFIG SET requirepass ''");
             }});
}

TEST_CASE("Redis frozen in the middle of a batch, with its connections open", "[F23]") {
    survive({"frozen", "REDIS_TIMEOUT", [](RedisServer& redis) { redis.freeze(); },
             [](RedisServer& redis) { redis.thaw(); }});
}

TEST_CASE("a server starts while Redis is down, and reports it", "[F17]") {
    const Site site;
    RedisServer redis;
    redis.kill();
    RunningServer server(site, "0", {}, {"--redis", redis.url()});
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    CHECK(server.stream(id, admin).back().name == "complete");
    CHECK(eventually([&] {
        return server.client().get("/readyz").body.find("REDIS_REFUSED") != std::string::npos;
    }));
    redis.start();
    const std::string truth = inHistory(server, id, admin);
    CHECK(eventually([&] { return inRedis(redis, id) == truth; }));
}

TEST_CASE("Redis loses its keys in the middle of a batch", "[F19]") {
    const Site site;
    const RedisServer redis;
    RunningServer server(site, "0", {}, {"--redis", redis.url()});
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("slow", admin);
    const std::string current = "GET batch:" + id + ":progress:current";
    REQUIRE(eventually([&] { return redis.cli(current).find("processing") != std::string::npos; }));
    redis.cli("FLUSHALL");
    CHECK(server.stream(id, admin).back().name == "complete");
    const std::string truth = inHistory(server, id, admin);
    CHECK(eventually([&] { return inRedis(redis, id) == truth; }));
}

TEST_CASE("the next owner delivers what the previous one could not") {
    const Site site;
    RedisServer redis;
    const std::map<std::string, std::string> use{{"SHEAFLINE_REDIS", redis.url()}};
    redis.kill();
    const auto run = [&](const std::string& id) {
        return runProgram(site.folder.path(),
                          {"run", "pipelines/squares.yaml", "--batch-id", id, "--json"}, use);
    };
    CHECK(run("first").status == 0);
    redis.start();
    CHECK(run("second").status == 0);
    for (const char* id : {"first", "second"}) {
        const std::string events = runProgram(site.folder.path(), {"batches", "events", id}).out;
        CHECK(redis.cli("LRANGE batch:" + std::string(id) + ":progress:log 0 -1") + "\n" == events);
    }
}

TEST_CASE("an unusable Redis URL is a usage error that does not show the password") {
    const Site site;
    const ProgramResult result =
        runProgram(site.folder.path(),
                   {"run", "pipelines/squares.yaml", "--redis", "redis+cluster://:hush@cache"});
    CHECK(result.status == 2);
    CHECK(result.err.find("is not supported") != std::string::npos);
    CHECK(result.err.find("hush") == std::string::npos);
}
