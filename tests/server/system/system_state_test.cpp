// The state of the server for admins, with a real Redis and a real worker.
#include <string>

#include <catch2/catch.hpp>

#include "redis_server.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kPath = "/api/system/state";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("only admins see the state of the server") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    CHECK(server.client().get(kPath, alice).status == 403);
    const std::string id = server.create("waits", alice);
    REQUIRE(server.waitForStage(id, "probing", admin));
    const std::string state = server.client().get(kPath, admin).body;
    INFO(state);
    CHECK(has(state, R"("redis":null)"));
    CHECK(has(state, R"("queue":{"running":1,"waiting":0})"));
    CHECK(has(state, R"("name":"sse","lag":0,"error":null)"));
    CHECK(has(state, R"("database":{"kind":"sqlite","version":"3.)"));
    CHECK(has(state, R"("full":false,"error":"")"));
    CHECK(has(state, R"("batches":[{"batch_id":")" + id + '"'));
    CHECK(has(state, R"("progress":{"stage":"probing")"));
    CHECK(has(state, R"("workers":[])"));
}

TEST_CASE("the state of the server shows Redis and its workers, and what a lost Redis causes") {
    if (!RedisServer::installed()) {
        WARN("skipped: redis-server is not installed");
        return;
    }
    RedisServer redis;
    const Site site;
    const RunningServer server(site, "0", {{"SHEAFLINE_REDIS", redis.url()}});
    const Headers admin = server.signInAdmin();
    const Program worker(site.folder.path(),
                         {"worker", "--redis", redis.url(), "--concurrency", "2"});
    std::string state;
    const auto shows = [&](const std::string& part) {
        return eventually([&] {
            state = server.client().get(kPath, admin).body;
            return has(state, part);
        });
    };
    CHECK(shows(R"("concurrency":2)"));
    INFO(state);
    CHECK(has(state, R"("redis":{"reachable":true,"version":")"));
    CHECK_FALSE(has(state, R"("latency_ms":null)"));
    CHECK(has(state, R"("name":"redis","lag":0,"error":null)"));

    redis.kill();
    server.stream(server.create("squares", admin), admin);
    CHECK(shows(R"("redis":{"reachable":false,"version":"","latency_ms":null,"error":{"code":")"));
    CHECK(shows(R"("name":"redis","lag":)"));
    CHECK(eventually([&] {
        state = server.client().get(kPath, admin).body;
        return !has(state, R"("name":"redis","lag":0)") &&
               !has(state, R"("name":"redis","lag":1,"error":null)") && has(state, "REDIS_");
    }));
    CHECK(has(state, R"("workers":[])"));
    redis.start();
    CHECK(shows(R"("redis":{"reachable":true)"));
    CHECK(shows(R"("name":"redis","lag":0,"error":null)"));
}

TEST_CASE("a Redis that does not answer delays the state of the server by seconds only") {
    if (!RedisServer::installed()) {
        WARN("skipped: redis-server is not installed");
        return;
    }
    RedisServer redis;
    const Site site;
    const RunningServer server(site, "0", {{"SHEAFLINE_REDIS", redis.url()}});
    const Headers admin = server.signInAdmin();
    redis.freeze();
    const Reply reply = server.client().get(kPath, admin);
    redis.thaw();
    CHECK(reply.status == 200);
    CHECK(has(reply.body, R"("redis":{"reachable":false)"));
}
