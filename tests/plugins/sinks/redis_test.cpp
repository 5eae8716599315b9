#include <chrono>
#include <condition_variable>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/redis/connection.h>
#include <sheafline/redis/subscriber.h>
#include <sheafline/sink.h>

#include "plugin_under_test.h"
#include "redis_server.h"

using namespace std::chrono_literals;
using sheafline::BatchView;
using sheafline::CommittedEvent;
using sheafline::Sink;
using sheafline::test::RedisServer;

namespace {

std::string json(const std::string& batch, std::uint64_t seq) {
    return R"({"stage":"extracting","batch_id":")" + batch + R"(","seq":)" + std::to_string(seq) +
           "}";
}

// A history in memory.
class Story : public sheafline::SinkHistory {
 public:
    std::vector<CommittedEvent> add(const std::string& batch, std::uint64_t count) {
        std::vector<CommittedEvent> added;
        auto& own = all_[batch];
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t seq = own.size() + 1;
            own.push_back(
                {.event_id = ++last_id_, .batch_id = batch, .seq = seq, .json = json(batch, seq)});
            added.push_back(own.back());
        }
        return added;
    }
    void end(std::int64_t seconds_ago) { ended_ = std::time(nullptr) - seconds_ago; }

    std::optional<BatchView> batch(std::string_view batch_id) override {
        if (!all_.contains(std::string(batch_id))) return std::nullopt;
        return BatchView{.user = "ann",
                         .pipeline = "omr",
                         .state = "running",
                         .execution = 2,
                         .created_at = "2025-11-20T12:00:00Z",
                         .ended_seconds = ended_,
                         .status = R"({"batch_id":"a"})"};
    }
    std::vector<CommittedEvent> events(std::string_view batch_id, std::uint64_t after,
                                       std::size_t max) override {
        const auto& own = all_.at(std::string(batch_id));
        std::vector<CommittedEvent> found;
        for (std::size_t i = after; i < own.size() && found.size() < max; ++i)
            found.push_back(own[i]);
        return found;
    }

 private:
    std::map<std::string, std::vector<CommittedEvent>> all_;
    std::int64_t last_id_ = 0;
    std::int64_t ended_ = 0;
};

std::unique_ptr<Sink> sinkTo(const RedisServer& server, Story& story,
                             sheafline::ParamValues more = {}) {
    more["url"] = {.text = server.url()};
    auto sink = sheafline::test::makeSink("redis", std::move(more));
    sink->attach(story);
    return sink;
}

std::string lines(const std::vector<CommittedEvent>& events) {
    std::string text;
    for (const CommittedEvent& event : events) text += (text.empty() ? "" : "\n") + event.json;
    return text;
}

std::string kindOf(Sink& sink, const std::vector<CommittedEvent>& events) {
    try {
        sink.deliver(events);
    } catch (const sheafline::Error& error) {
        return error.code();
    }
    return "none";
}

std::string logOf(const RedisServer& server, const std::string& batch) {
    return server.cli("LRANGE batch:" + batch + ":progress:log 0 -1");
}

}  // namespace

TEST_CASE("the sink keeps current, log, start time and meta, and publishes each event") {
    const RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story);
    std::vector<std::string> heard;
    std::mutex mutex;
    std::condition_variable changed;
    sheafline::redis::Subscriber subscriber(
        {.url = sheafline::redis::parseRedisUrl(server.url())},
        {.heard = [&](std::string_view) { changed.notify_all(); },
         .message =
             [&](std::string_view channel, std::string_view message) {
                 const std::lock_guard lock(mutex);
                 heard.push_back(std::string(channel) + " " + std::string(message));
                 changed.notify_all();
             }});
    subscriber.subscribe("batch:a:progress");
    std::unique_lock lock(mutex);
    while (server.cli("PUBSUB NUMSUB batch:a:progress") != "batch:a:progress\n1")
        changed.wait_for(lock, 5ms);
    lock.unlock();

    auto events = story.add("a", 3);
    sink->deliver(std::vector(events.begin(), events.begin() + 1));
    sink->deliver(std::vector(events.begin() + 1, events.end()));
    CHECK(server.cli("GET batch:a:progress:current") == events.back().json);
    CHECK(logOf(server, "a") == lines(events));
    CHECK(server.cli("GET batch:a:started_at") == "2025-11-20T12:00:00Z");
    CHECK(server.cli("HMGET batch:a:meta seq owner state pipeline execution status") ==
          "3\nann\nrunning\nomr\n2\n{\"batch_id\":\"a\"}");
    for (const char* key : {"progress:current", "progress:log", "started_at", "meta"}) {
        const int ttl = std::stoi(server.cli("TTL batch:a:" + std::string(key)));
        CHECK(ttl > 3590);
        CHECK(ttl <= 3600);
    }
    lock.lock();
    CHECK(changed.wait_for(lock, 10s, [&] { return heard.size() == 3; }));
    CHECK(heard.back() == "batch:a:progress " + events.back().json);
}

TEST_CASE("a stored event is skipped, and later events are not") {
    const RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story);
    const auto first = story.add("a", 250);
    sink->deliver(first);
    sink->deliver(first);
    const auto more = story.add("a", 10);
    auto overlapping = story.events("a", 200, 60);
    sinkTo(server, story)->deliver(overlapping);
    CHECK(logOf(server, "a") == lines(story.events("a", 0, 1000)));
    CHECK(server.cli("HGET batch:a:meta seq") == "260");
}

TEST_CASE("many simultaneous batches keep their order") {
    const RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story);
    std::vector<CommittedEvent> mixed;
    for (int round = 0; round < 5; ++round) {
        for (int batch = 0; batch < 60; ++batch) {
            for (auto& event : story.add("b" + std::to_string(batch), 2)) mixed.push_back(event);
        }
    }
    sink->deliver(mixed);
    for (const char* batch : {"b0", "b30", "b59"})
        CHECK(logOf(server, batch) == lines(story.events(batch, 0, 100)));
}

TEST_CASE("lost keys come back from the history, and nothing is published again") {
    RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story);
    sink->deliver(story.add("a", 2'500));
    const auto counted = [&] { return server.cli("--raw INFO commandstats | grep publish: || :"); };

    SECTION("the server was restarted empty") {
        server.kill();
        server.start();
        sink->deliver(story.add("a", 1));
        CHECK(counted().find("calls=1,") != std::string::npos);
    }
    SECTION("the log was deleted") {
        server.cli("DEL batch:a:progress:log");
        sink->deliver(story.add("a", 1));
        CHECK(counted().find("calls=2501,") != std::string::npos);
    }
    SECTION("the log was cut") {
        server.cli("LTRIM batch:a:progress:log 0 9");
        sink->deliver(story.add("a", 1));
    }
    SECTION("the newest was deleted") {
        server.cli("DEL batch:a:progress:current");
        sink->deliver(story.add("a", 1));
    }
    SECTION("meta was deleted") {
        server.cli("DEL batch:a:meta");
        sink->deliver(story.add("a", 1));
    }
    SECTION("the script was forgotten") {
        server.cli("SCRIPT FLUSH");
        sink->deliver(story.add("a", 1));
    }
    CHECK(logOf(server, "a") == lines(story.events("a", 0, 5000)));
    CHECK(server.cli("GET batch:a:progress:current") == json("a", 2'501));
    CHECK(server.cli("HGET batch:a:meta seq") == "2501");
}

TEST_CASE("the first event's keys are restored even if only some were lost") {
    const RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story);
    server.cli("HSET batch:a:meta seq 7");
    sink->deliver(story.add("a", 1));
    CHECK(logOf(server, "a") == json("a", 1));
    CHECK(server.cli("HGET batch:a:meta seq") == "1");
}

TEST_CASE("the log is capped, also after it is rebuilt") {
    const RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story, {{"log_cap", {.text = "100"}}});
    sink->deliver(story.add("a", 250));
    CHECK(logOf(server, "a") == lines(story.events("a", 150, 100)));
    server.cli("FLUSHALL");
    sink->deliver(story.add("a", 5));
    CHECK(logOf(server, "a") == lines(story.events("a", 155, 100)));
    sink->deliver(story.add("a", 1));
    CHECK(logOf(server, "a") == lines(story.events("a", 156, 100)));
}

TEST_CASE("keys live for the requested time, and a batch that ended earlier has none") {
    const RedisServer server;
    Story story;
    const auto sink = sinkTo(server, story, {{"ttl", {.text = "2s"}}});
    const auto events = story.add("a", 1);
    sink->deliver(events);
    CHECK(server.cli("PTTL batch:a:meta").size() <= 4);
    while (server.cli("DBSIZE") != "0") std::this_thread::sleep_for(20ms);
    story.end(60);
    sink->deliver(events);
    CHECK(server.cli("DBSIZE") == "0");
}

TEST_CASE("each Redis error has its code and recovers by itself") {
    Story story;
    const auto events = story.add("a", 3);

    SECTION("down") {
        RedisServer server;
        const auto sink = sinkTo(server, story);
        server.kill();
        CHECK(kindOf(*sink, events) == "REDIS_REFUSED");
        server.start();
        CHECK(kindOf(*sink, events) == "none");
        server.kill();
        CHECK(kindOf(*sink, events) == "REDIS_REFUSED");
        server.start();
        CHECK(kindOf(*sink, events) == "none");
        CHECK(logOf(server, "a") == lines(events));
    }
    SECTION("restarted between two deliveries") {
        RedisServer server;
        const auto sink = sinkTo(server, story);
        sink->deliver(events);
        server.kill();
        server.start();
        CHECK(kindOf(*sink, story.add("a", 1)) == "none");
        CHECK(logOf(server, "a") == lines(story.events("a", 0, 10)));
    }
    SECTION("paused") {
        const RedisServer server;
        const auto sink = sinkTo(server, story, {{"timeout", {.text = "100ms"}}});
        server.cli("CLIENT PAUSE 400 ALL");
        CHECK(kindOf(*sink, events) == "REDIS_TIMEOUT");
        while (kindOf(*sink, events) != "none") std::this_thread::sleep_for(20ms);
        CHECK(logOf(server, "a") == lines(events));
    }
    SECTION("frozen") {
        const RedisServer server;
        const auto sink = sinkTo(server, story, {{"timeout", {.text = "100ms"}}});
        server.freeze();
        CHECK(kindOf(*sink, events) == "REDIS_TIMEOUT");
        server.thaw();
        CHECK(kindOf(*sink, events) == "none");
        CHECK(logOf(server, "a") == lines(events));
    }
    SECTION("full") {
        const RedisServer server({"--maxmemory", "3mb", "--maxmemory-policy", "noeviction"});
        const auto sink = sinkTo(server, story);
        server.cli("EVAL \"for i=1,4000 do redis.call('SET', i, string.rep('x', 1000)) end\" 0");
        CHECK(kindOf(*sink, events) == "REDIS_OOM");
        CHECK(server.cli("EXISTS batch:a:progress:log batch:a:meta") == "0");
        server.cli("CONFIG SET maxmemory 0");
        CHECK(kindOf(*sink, events) == "none");
        CHECK(logOf(server, "a") == lines(events));
    }
    SECTION("a replica") {
        const RedisServer server({"--replicaof", "127.0.0.1 1"});
        const auto sink = sinkTo(server, story);
        CHECK(kindOf(*sink, events) == "REDIS_READONLY");
        server.cli("REPLICAOF NO ONE");
        CHECK(kindOf(*sink, events) == "none");
    }
    SECTION("a replica without its primary") {
        const RedisServer server(
            {"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"});
        const auto sink = sinkTo(server, story);
        CHECK(kindOf(*sink, events) == "REDIS_LOADING");
    }
    SECTION("a password is required") {
        const RedisServer server({"--requirepass", "hush"});
        const auto sink = sinkTo(server, story);
        CHECK(kindOf(*sink, events) == "REDIS_AUTH");
    }
}

TEST_CASE("the sink rejects a URL that it cannot use") {
    CHECK_THROWS_WITH(
        sheafline::test::makeSink("redis", {{"url", {.text = "redis+cluster://cache"}}}),
        Catch::Contains("Redis Cluster, which is not supported"));
}
