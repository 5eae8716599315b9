// Redis Sentinel with real processes, and Redis Cluster, which is not supported.
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/backoff.h>
#include <sheafline/redis/connection.h>

#include "child_server.h"
#include "redis_server.h"
#include "temporary_folder.h"
#include "tried.h"

using namespace sheafline::redis;
using sheafline::TemporaryFolder;
using sheafline::redis::test::tried;
using sheafline::test::ChildServer;
using sheafline::test::freePort;
using sheafline::test::RedisServer;
using namespace std::chrono_literals;

namespace {

class Sentinel {
 public:
    explicit Sentinel(int primary_port) : port_(freePort()) {
        const std::string primary = std::to_string(primary_port);
        folder_.write("sentinel.conf", "port " + std::to_string(port_) + "\nbind 127.0.0.1\ndir " +
                                           folder_.path().string() +
                                           "\nsentinel monitor exams 127.0.0.1 " + primary +
                                           " 1\nsentinel down-after-milliseconds exams 500\n");
        server_ = std::make_unique<ChildServer>(
            std::vector<std::string>{"/usr/bin/redis-server",
                                     (folder_.path() / "sentinel.conf").string(), "--sentinel"},
            "+monitor master exams");
        REQUIRE(server_->ready());
    }

    int port() const { return port_; }
    std::string ask(const std::string& command) const {
        return sheafline::test::outputOf("redis-cli -p " + std::to_string(port_) + " " + command);
    }

 private:
    const TemporaryFolder folder_{};
    const int port_;
    std::unique_ptr<ChildServer> server_;
};

ConnectionOptions to(const std::string& url) {
    return {.url = parseRedisUrl(url), .connect_timeout = 2s, .reply_timeout = 2s};
}

// Repeats the command until it succeeds; the time limit of the test is the bound.
std::string eventually(Connection& redis, const Command& command) {
    std::string answer = tried(redis, command);
    while (answer.find(": ") != std::string::npos) answer = tried(redis, command);
    return answer;
}

// A server whose role changes closes the connections of its clients, and redis-cli then fails.
bool hasRole(const RedisServer& server, const std::string& role) {
    try {
        return server.cli("ROLE").starts_with(role);
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

TEST_CASE("a connection through sentinels follows the primary after a failover") {
    const RedisServer first;
    const RedisServer second({"--replicaof", "127.0.0.1 " + std::to_string(first.port())});
    const Sentinel sentinel(first.port());
    while (sentinel.ask("SENTINEL replicas exams").find("master-link-status\nok") ==
           std::string::npos) {
    }
    // The first sentinel of the URL does not exist.
    const std::string url = "redis+sentinel://127.0.0.1:" + std::to_string(freePort()) +
                            ",127.0.0.1:" + std::to_string(sentinel.port()) + "/exams";
    Connection redis(to(url));
    CHECK(tried(redis, {"SET", "a", "1"}) == "OK");
    CHECK(first.cli("GET a") == "1");
    CHECK(redis.run({"WAIT", "1", "2000"}).integer == 1);

    CHECK(sentinel.ask("SENTINEL failover exams") == "OK");
    while (!hasRole(second, "master") || !hasRole(first, "slave")) {
    }
    CHECK(eventually(redis, {"SET", "b", "2"}) == "OK");
    CHECK(eventually(redis, {"GET", "a"}) == "1");
    CHECK(second.cli("GET b") == "2");
}

TEST_CASE("errors of sentinels are named without their address") {
    const RedisServer server;
    const Sentinel sentinel(server.port());
    const std::string host = "127.0.0.1:" + std::to_string(sentinel.port());
    Connection unknown(to("redis+sentinel://" + host + "/lab"));
    CHECK(tried(unknown, {"PING"}) ==
          "refused: asking the sentinels: the sentinels do not know the primary 'lab'; check its "
          "name in the URL");
    Connection nobody(to("redis+sentinel://127.0.0.1:" + std::to_string(freePort()) + "/exams"));
    CHECK(tried(nobody, {"PING"}) ==
          "refused: asking the sentinels: cannot connect to Redis: Connection refused");
}

TEST_CASE("a Redis Cluster is rejected by name and without the addresses of its nodes") {
    const RedisServer server(
        {"--cluster-enabled", "yes", "--cluster-port", std::to_string(freePort())});
    Connection redis(to(server.url()));
    const std::string name =
        "cluster: this Redis is part of a Redis Cluster, which is not supported; use a single "
        "Redis with replicas, or redis+sentinel://";
    CHECK(tried(redis, {"SET", "a", "1"}) == name);  // CLUSTERDOWN
    server.cli("CLUSTER ADDSLOTSRANGE 0 16383");
    while (server.cli("CLUSTER INFO").find("cluster_state:ok") == std::string::npos) {
    }
    CHECK(tried(redis, {"MSET", "a", "1", "b", "2"}) == name);  // CROSSSLOT
    CHECK(kindOf("MOVED 3999 127.0.0.1:6381") == ErrorKind::cluster);
    CHECK(answered("MOVED 3999 127.0.0.1:6381").find("127.0.0.1") == std::string::npos);
    Connection database(to(server.url().substr(0, server.url().rfind('/')) + "/1"));
    CHECK(tried(database, {"PING"}).starts_with("cluster: "));
}
