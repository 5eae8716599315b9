// The hub over real sockets: what each client receives, while other clients do anything.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "event_frame.h"
#include "plugins/plugin_catalog.h"
#include "stream_fixture.h"

using namespace sheafline;
using namespace sheafline::sse;
using namespace sheafline::sse::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kWork = "processing_sheets";

void waitForClients(const HubLoop& hub, std::size_t count) {
    while (hub.stats().clients != count) std::this_thread::yield();
}

}  // namespace

TEST_CASE(
    "a client receives the history, then live events, and the stream ends with the final event") {
    const bool chunked = GENERATE(true, false);
    MemoryHistory history;
    HubLoop hub({});
    history.commit("b", "queued");
    history.commit("b", kWork);
    StreamReader reader(hub, history, {.batch_id = "b", .chunked = chunked});
    CHECK(reader.next().data == R"({"stage":"queued","message":"m","seq":1})");
    CHECK(reader.next().id == "2");
    CHECK(reader.sawRetry());
    history.commitAndPublish(hub, "b", kWork);
    CHECK(reader.next().id == "3");
    history.commitAndPublish(hub, "b", "completed");
    CHECK(reader.rest() == "complete:4");
    CHECK(reader.endedWell());
    waitForClients(hub, 0);
}

TEST_CASE("a failed or cancelled batch ends with an error event") {
    const std::string stage = GENERATE("failed", "cancelled");
    MemoryHistory history;
    HubLoop hub({});
    history.commit("b", stage);
    CHECK(StreamReader(hub, history, {.batch_id = "b"}).rest() == "error:1");
}

TEST_CASE("the final event of an earlier execution does not end the stream") {
    MemoryHistory history;
    HubLoop hub({});
    history.commit("b", "failed");
    history.newExecution("b");
    history.commit("b", kWork);
    StreamReader reader(hub, history, {.batch_id = "b"});
    CHECK(reader.next().name == "progress");
    CHECK(reader.next().id == "2");
    history.commitAndPublish(hub, "b", "completed");
    CHECK(reader.rest() == "complete:3");
}

TEST_CASE("a client resumes after the event in its Last-Event-ID", "[F46]") {
    MemoryHistory history;
    HubLoop hub({});
    for (int i = 0; i < 1'000; ++i) history.commit("b", kWork);
    history.commit("b", "completed");
    CHECK(StreamReader(hub, history, {.batch_id = "b", .after = 998}).rest() ==
          "progress:999 progress:1000 complete:1001");
    StreamReader all(hub, history, {.batch_id = "b"});
    for (int i = 1; i <= 1'000; ++i) REQUIRE(all.next().id == std::to_string(i));
    CHECK(all.rest() == "complete:1001");
}

TEST_CASE("a stream starts after the client's last event, or at the beginning", "[F46]") {
    MemoryHistory history;
    for (int i = 0; i < 3; ++i) history.commit("b", kWork);
    const auto at = [&](std::string_view id) { return streamPosition(history, "b", id); };
    for (const char* none : {"", "x", "-1", "0", "1x", " 1", "4", "99999999999999999999999"})
        CHECK(at(none).after == 0);
    CHECK(at("3").after == 3);
    CHECK(!at("3").finished);
    history.commit("b", "completed");
    CHECK(at("4").finished);
    CHECK(!at("3").finished);
    history.newExecution("b");
    CHECK(!at("4").finished);
}

TEST_CASE("missing events are reported as a gap", "[F46]") {
    MemoryHistory history;
    HubLoop hub({});
    for (int i = 0; i < 5; ++i) history.commit("b", kWork);
    history.commit("b", "completed");
    history.forget("b", 4);
    StreamReader reader(hub, history, {.batch_id = "b", .after = 1});
    const SeenEvent gap = reader.next();
    CHECK(gap.name == "gap");
    CHECK(gap.id.empty());
    CHECK(gap.data == R"({"from":2,"to":4})");
    CHECK(reader.rest() == "progress:5 complete:6");
}

TEST_CASE("clients that join while events are published receive each event once and in order") {
    MemoryHistory history;
    HubLoop hub({});
    constexpr int kEvents = 2'000;
    constexpr int kClients = 40;
    std::atomic<int> published = 0;
    std::jthread publisher([&] {
        for (int i = 0; i < kEvents; ++i) {
            history.commitAndPublish(hub, "b", i + 1 < kEvents ? kWork : "completed");
            ++published;
        }
    });
    std::vector<std::jthread> clients;
    clients.reserve(kClients);
    std::atomic<int> wrong = 0;
    for (int c = 0; c < kClients; ++c) {
        clients.emplace_back([&, c] {
            while (published < c * kEvents / kClients) std::this_thread::yield();
            const auto after = static_cast<std::uint64_t>(c * kEvents / kClients / 2);
            // Some disconnect in the middle and reconnect with their last id.
            auto reader = std::make_unique<StreamReader>(
                hub, history, StreamClient{.batch_id = "b", .after = after, .chunked = c % 2 == 0});
            std::string last;
            for (std::uint64_t id = after + 1; id <= kEvents; ++id) {
                const SeenEvent event = reader->next();
                if (event.id != std::to_string(id)) ++wrong;
                last = event.name;
                if (id % 700 == 0 && c % 4 == 0)
                    reader = std::make_unique<StreamReader>(
                        hub, history, StreamClient{.batch_id = "b", .after = id});
            }
            if (last != "complete" || !reader->rest().empty()) ++wrong;
        });
    }
    clients.clear();
    CHECK(wrong == 0);
    waitForClients(hub, 0);
    CHECK(hub.stats().cut == 0);
}

TEST_CASE("events of one batch do not reach clients of another") {
    MemoryHistory history;
    HubLoop hub({});
    StreamReader a(hub, history, {.batch_id = "a"});
    StreamReader b(hub, history, {.batch_id = "b"});
    waitForClients(hub, 2);
    history.commitAndPublish(hub, "a", "completed");
    history.commitAndPublish(hub, "b", kWork);
    history.commitAndPublish(hub, "b", "completed");
    CHECK(a.rest() == "complete:1");
    CHECK(b.rest() == "progress:1 complete:2");
}

TEST_CASE("a stalled client is disconnected at its backlog limit and delays no other client",
          "[F44]") {
    MemoryHistory history;
    HubLoop hub({.backlog_bytes = 64UL * 1024, .send_buffer_bytes = 4'096});
    StreamReader stalled(hub, history, {.batch_id = "b"}, 4'096);
    StreamReader reader(hub, history, {.batch_id = "b"});
    waitForClients(hub, 2);
    std::uint64_t id = 0;
    while (hub.stats().cut == 0) {
        history.commitAndPublish(hub, "b", kWork);
        REQUIRE(reader.next().id == std::to_string(++id));
    }
    waitForClients(hub, 1);
    history.commitAndPublish(hub, "b", "completed");
    CHECK(reader.rest() == "complete:" + std::to_string(id + 1));
    stalled.rest();
    CHECK(!stalled.endedWell());
    CHECK(stalled.lastId() < id);
    StreamReader again(hub, history, {.batch_id = "b", .after = stalled.lastId()});
    CHECK(again.next().id == std::to_string(stalled.lastId() + 1));
}

TEST_CASE("a client that reads nothing is disconnected after two heartbeats") {
    MemoryHistory history;
    HubLoop hub({.heartbeat = 160ms, .send_buffer_bytes = 4'096});
    for (int i = 0; i < 1'000; ++i) history.commit("b", kWork);
    const StreamReader stalled(hub, history, {.batch_id = "b"}, 4'096);
    while (hub.stats().cut == 0) std::this_thread::yield();
    waitForClients(hub, 0);
}

TEST_CASE("a quiet stream has heartbeats, and a client that is gone is noticed", "[F46]") {
    MemoryHistory history;
    HubLoop hub({.heartbeat = 32ms});
    StreamReader reader(hub, history, {.batch_id = "b", .chunked = GENERATE(true, false)});
    CHECK(reader.waitForBeats(3));
    reader.close();
    waitForClients(hub, 0);
}

TEST_CASE("the streams of a revoked principal end, and only those") {
    MemoryHistory history;
    HubLoop hub({});
    StreamReader ann(hub, history, {.batch_id = "b", .principal = "ann"});
    StreamReader bob(hub, history, {.batch_id = "b", .principal = "bob"});
    waitForClients(hub, 2);
    hub.revoke([](const std::string& principal) { return principal == "ann"; });
    CHECK(ann.rest() == "auth_expired");
    CHECK(ann.endedWell());
    history.commitAndPublish(hub, "b", "completed");
    CHECK(bob.rest() == "complete:1");
}

TEST_CASE("a drain notifies every client and turns new ones away") {
    MemoryHistory history;
    HubLoop hub({});
    StreamReader reader(hub, history, {.batch_id = "b"});
    waitForClients(hub, 1);
    hub.drain(10s);
    CHECK(reader.rest() == "shutdown");
    CHECK(reader.endedWell());
    StreamReader late(hub, history, {.batch_id = "b"});
    CHECK(late.rest().empty());
    CHECK(late.sawRetry());
    CHECK(late.endedWell());
}

TEST_CASE("a full hub sends clients away with a retry") {
    MemoryHistory history;
    HubLoop hub({.max_clients = 1});
    const StreamReader first(hub, history, {.batch_id = "b"});
    waitForClients(hub, 1);
    StreamReader second(hub, history, {.batch_id = "b"});
    CHECK(second.rest().empty());
    CHECK(second.sawRetry());
    CHECK(hub.stats().turned == 1);
}

TEST_CASE("the built plugin is a sink and the hub of its streams") {
    const PluginCatalog plugins({SHEAFLINE_BINARY_DIR "/plugins"});
    const PluginEntry* entry = plugins.find(PluginKind::sink, "sse");
    REQUIRE(entry != nullptr);
    CHECK(!entry->descriptor->durable);
    Params params({{"max_clients", {.text = "1"}}});
    const std::unique_ptr<Sink> sink = entry->descriptor->make_sink(params);
    params.requireAllRead();
    auto* hub = dynamic_cast<StreamHub*>(sink.get());
    REQUIRE(hub != nullptr);
    CHECK(hub->stats().clients == 0);
    hub->drain(0s);
}

TEST_CASE("the kind of an event depends only on its stage") {
    CHECK(kindOf(R"({"stage":"completed"})") == StreamEventKind::complete);
    CHECK(kindOf(R"({"stage":"failed"})") == StreamEventKind::error);
    CHECK(kindOf(R"({"stage":"cancelled"})") == StreamEventKind::error);
    CHECK(kindOf(R"({"stage":"completed_not"})") == StreamEventKind::progress);
    CHECK(kindOf(R"({"stage":"queued","message":"\"stage\":\"failed\""})") ==
          StreamEventKind::progress);
}
