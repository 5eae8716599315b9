#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/redis/subscriber.h>

#include "redis_server.h"

using namespace sheafline::redis;
using sheafline::test::RedisServer;
using namespace std::chrono_literals;

namespace {

// The calls of a subscriber, in order, one a line.
class Told {
 public:
    SubscriberCalls calls() {
        return {.heard = [this](std::string_view channel) { add("heard " + std::string(channel)); },
                .message =
                    [this](std::string_view channel, std::string_view message) {
                        add(std::string(channel) + " " + std::string(message));
                    },
                .state =
                    [this](const RedisError* error) {
                        add(error == nullptr ? "works"
                                             : "trouble " + std::string(toString(error->kind())));
                    }};
    }
    bool waitFor(const std::string& line, std::size_t times = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&] {
            return static_cast<std::size_t>(std::ranges::count(lines_, line)) >= times;
        });
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

 private:
    void add(std::string line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

ConnectionOptions to(const RedisServer& server) {
    return {.url = parseRedisUrl(server.url()), .name = "a-subscriber"};
}

}  // namespace

TEST_CASE("a subscriber receives only its channels, in order") {
    const RedisServer server;
    Told told;
    Subscriber subscriber(to(server), told.calls());
    subscriber.subscribe("a");
    subscriber.subscribe("b");
    REQUIRE(told.waitFor("heard a"));
    REQUIRE(told.waitFor("heard b"));
    for (const char* message : {"a 1", "c 1", "b 1", "a 2"})
        server.cli("PUBLISH " + std::string(message));
    REQUIRE(told.waitFor("a 2"));
    subscriber.unsubscribe("a");
    subscriber.subscribe("d");
    REQUIRE(told.waitFor("heard d"));
    server.cli("PUBLISH a 3");
    server.cli("PUBLISH b 2");
    REQUIRE(told.waitFor("b 2"));
    CHECK(told.lines() ==
          std::vector<std::string>{"heard a", "heard b", "a 1", "b 1", "a 2", "heard d", "b 2"});
}

TEST_CASE("a subscriber resubscribes after its server was down and reports the error once") {
    RedisServer server;
    Told told;
    Subscriber subscriber(to(server), told.calls());
    subscriber.subscribe("a");
    REQUIRE(told.waitFor("heard a"));
    server.kill();
    REQUIRE(told.waitFor("trouble lost"));
    subscriber.subscribe("b");
    server.start();
    REQUIRE(told.waitFor("heard a", 2));
    REQUIRE(told.waitFor("heard b"));
    REQUIRE(told.waitFor("works"));
    server.cli("PUBLISH b 1");
    CHECK(told.waitFor("b 1"));
    const auto lines = told.lines();
    CHECK(std::ranges::count(lines, "trouble lost") == 1);
    CHECK(std::ranges::count(lines, "trouble refused") == 0);
}

TEST_CASE("a subscriber that Redis disconnects reconnects at once", "[F25]") {
    const RedisServer server;
    Told told;
    Subscriber subscriber(to(server), told.calls());
    subscriber.subscribe("a");
    REQUIRE(told.waitFor("heard a"));
    server.cli("CLIENT KILL TYPE pubsub");
    CHECK(told.waitFor("heard a", 2));
}

TEST_CASE("a subscriber notices when its server freezes and when it recovers") {
    const RedisServer server;
    Told told;
    Subscriber subscriber(to(server), told.calls());
    subscriber.subscribe("a");
    REQUIRE(told.waitFor("heard a"));
    server.freeze();
    REQUIRE(told.waitFor("trouble timeout"));
    server.thaw();
    CHECK(told.waitFor("heard a", 2));
    CHECK(told.waitFor("works"));
}

TEST_CASE("a rejected subscriber reports the reason") {
    const RedisServer server({"--requirepass", "hush"});
    Told told;
    const Subscriber subscriber(to(server), told.calls());
    CHECK(told.waitFor("trouble auth"));
}
