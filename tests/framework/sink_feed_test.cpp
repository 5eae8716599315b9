#include "owner/sink_feed.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "memory_log.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

struct Received {
    std::mutex mutex{};
    std::vector<std::string> events{};  // BATCH:SEQ, guarded by mutex
    std::atomic<int> failures{0};       // deliveries that still have to fail
};

class RecordingSink : public Sink {
 public:
    explicit RecordingSink(Received& received) : received_(received) {}
    void deliver(std::span<const CommittedEvent> events) override {
        if (received_.failures > 0 && received_.failures-- > 0)
            throw Error(ErrorClass::transient, "SINK_DOWN", "the target is down");
        const std::lock_guard lock(received_.mutex);
        for (const CommittedEvent& event : events)
            received_.events.push_back(event.batch_id + ":" + std::to_string(event.seq));
    }

 private:
    Received& received_;
};

// A sink that waits in one call until the test opens its gate. It owns its part of the gate, as its
// thread may outlive the feed.
enum class Call { attach, deliver, close };

struct Gate {
    std::mutex mutex{};
    std::condition_variable moved{};
    // guarded by mutex
    bool open = false;
    bool reached = false;
    std::promise<void> closed{};  // the sink was destroyed

    void pass() {
        std::unique_lock lock(mutex);
        reached = true;
        moved.notify_all();
        moved.wait(lock, [this] { return open; });
    }
    void waitUntilReached() {
        std::unique_lock lock(mutex);
        moved.wait(lock, [this] { return reached; });
    }
    void release() {
        const std::lock_guard lock(mutex);
        open = true;
        moved.notify_all();
    }
};

class HangingSink : public Sink {
 public:
    HangingSink(Call where, std::shared_ptr<Gate> gate) : where_(where), gate_(std::move(gate)) {}
    ~HangingSink() override {
        if (where_ == Call::close) gate_->pass();
        gate_->closed.set_value();
    }
    void attach(SinkHistory& /*history*/) override {
        if (where_ == Call::attach) gate_->pass();
    }
    void deliver(std::span<const CommittedEvent> /*events*/) override {
        if (where_ == Call::deliver) gate_->pass();
    }

 private:
    const Call where_;
    const std::shared_ptr<Gate> gate_;  // shared with the test
};

class RefusingSink : public Sink {
 public:
    void deliver(std::span<const CommittedEvent> /*events*/) override {
        throw Error(ErrorClass::permanent, "SINK_OFF", "it crashed 5 times");
    }
};

std::ptrdiff_t threadsOfProcess() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

struct FeedFixture {
    TemporaryFolder folder{};
    std::filesystem::path file{folder / "history.db"};
    MemoryLog log{};
    Received received{};
    std::unique_ptr<History> history{std::make_unique<History>(file, "owner")};

    void create(const std::string& id, int more_events = 0) const {
        history->commit({.batch_id = id,
                         .create = NewBatch{.pipeline = "p", .params = "{}"},
                         .events = {{.stage = "queued", .message = "m"}}});
        add(id, more_events);
    }
    void add(const std::string& id, int events) const {
        Change change{.batch_id = id};
        for (int i = 0; i < events; ++i) change.events.push_back({.stage = "s", .message = "m"});
        if (events > 0) history->commit(change);
    }
    std::unique_ptr<SinkFeed> feed(const std::string& batch_id) {
        return std::make_unique<SinkFeed>(
            SinkFeedOptions{.name = batch_id.empty() ? "all" : batch_id + "/jsonl#1",
                            .batch_id = batch_id,
                            .durable = true},
            std::make_unique<RecordingSink>(received), *history, file, log);
    }
    bool drained(SinkFeed& feed) const {
        return feed.drain(std::chrono::steady_clock::now() + std::chrono::minutes(1));
    }
    std::int64_t cursorRows() const {
        sqlite::Database database(file, {.mode = sqlite::OpenMode::read_only});
        return database.integerOf("SELECT count(*) FROM sinks");
    }
};

}  // namespace

TEST_CASE_METHOD(FeedFixture,
                 "a durable sink of one batch starts at the first event of its batch") {
    create("old", 2'000);
    create("new", 3);
    add("old", 10);
    const std::int64_t first = HistoryReader(file).firstEventId("new");
    CHECK(first == 2'002);
    const auto fed = feed("new");
    // At most the later events: the 2,001 events before the batch do not count as missing.
    CHECK(fed->state().lag <= 14);
    REQUIRE(drained(*fed));
    CHECK(received.events == std::vector<std::string>{"new:1", "new:2", "new:3", "new:4"});
    CHECK(fed->state().lag == 0);
}

TEST_CASE_METHOD(FeedFixture, "events of other batches write no cursor") {
    create("mine");
    {
        const auto fed = feed("mine");
        REQUIRE(drained(*fed));
        history->commit({.batch_id = "mine", .events = {}});
        const auto before = HistoryReader(file).cursor("mine/jsonl#1");
        create("other", 1'500);
        REQUIRE(drained(*fed));
        add("other", 1);
        REQUIRE(drained(*fed));
        CHECK(HistoryReader(file).cursor("mine/jsonl#1") == before);
        add("mine", 1);
        REQUIRE(drained(*fed));
    }
    CHECK(received.events == std::vector<std::string>{"mine:1", "mine:2"});
}

TEST_CASE_METHOD(FeedFixture, "a durable sink continues after its cursor and skips nothing") {
    create("a", 1'200);
    {
        const auto fed = feed("a");
        REQUIRE(drained(*fed));
    }
    history.reset();  // writes the cursor
    history = std::make_unique<History>(file, "owner");
    create("b", 600);
    add("a", 700);
    received.failures = 2;
    {
        const auto fed = feed("a");
        REQUIRE(drained(*fed));
    }
    REQUIRE(received.events.size() == 1'901);
    for (std::size_t i = 0; i < received.events.size(); ++i)
        REQUIRE(received.events[i] == "a:" + std::to_string(i + 1));
}

TEST_CASE_METHOD(FeedFixture, "a sink of all batches gets every event once") {
    create("a", 700);
    create("b", 700);
    const auto fed = feed("");
    REQUIRE(drained(*fed));
    add("a", 600);
    REQUIRE(drained(*fed));
    CHECK(received.events.size() == 2'002);
}

TEST_CASE_METHOD(FeedFixture, "the cursors of a batch go with the batch, and only those") {
    create("a");
    create("ab");
    history->commit({.batch_id = "a", .state = BatchState::cancelled});
    history->setCursor("a/jsonl#1", 1);
    history->setCursor("a/jsonl#2", 1);
    history->setCursor("ab/jsonl#1", 2);
    history->setCursor("redis", 2);
    history->commit({.batch_id = "ab", .events = {{.stage = "s", .message = "m"}}});
    CHECK(cursorRows() == 4);
    history->commit({.batch_id = "a", .remove = true});
    CHECK(cursorRows() == 2);
    history->setCursor("a/jsonl#1", 3);  // of a feed that ends a moment after its batch
    history->commit({.batch_id = "ab", .events = {{.stage = "s", .message = "m"}}});
    CHECK(cursorRows() == 2);
    CHECK(HistoryReader(file).cursor("redis") == 2);
}

TEST_CASE_METHOD(FeedFixture, "events of one batch are found without reading those of others") {
    create("a");
    sqlite::Database database(file, {.mode = sqlite::OpenMode::read_only});
    sqlite::Statement plan(database,
                           "EXPLAIN QUERY PLAN SELECT event_id, batch_id, seq, json FROM events "
                           "WHERE batch_id = 'a' AND seq > coalesce((SELECT seq FROM events WHERE "
                           "batch_id = 'a' AND event_id <= 5 ORDER BY seq DESC LIMIT 1), 0) AND "
                           "event_id <= 9 ORDER BY seq LIMIT 4");
    std::string steps;
    while (plan.step()) steps += plan.text(3) + "\n";
    INFO(steps);
    CHECK(steps.find("SCAN") == std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
}

TEST_CASE_METHOD(FeedFixture,
                 "a feed ends although its sink hangs, and keeps away from the history") {
    const Call where = GENERATE(Call::attach, Call::deliver, Call::close);
    const auto gate = std::make_shared<Gate>();
    create("a", 3);
    {
        SinkFeed fed({.name = "stuck",
                      .batch_id = "a",
                      .durable = true,
                      .call_limit = std::chrono::milliseconds(where == Call::close ? 60'000 : 0),
                      .stop_patience = std::chrono::milliseconds(0)},
                     std::make_unique<HangingSink>(where, gate), *history, file, log);
        if (where != Call::close) {
            gate->waitUntilReached();
            const auto state = fed.state();
            REQUIRE(state.error);
            CHECK(state.error->code == "SINK_HUNG");
            CHECK_FALSE(drained(fed));  // returns at once
        } else {
            REQUIRE(drained(fed));
        }
    }
    CHECK(sinkWasAbandoned());
    history.reset();
    const auto threads = threadsOfProcess();
    gate->release();  // the thread returns from its sink, and finds that its feed no longer exists
    while (threadsOfProcess() == threads) std::this_thread::yield();
    CHECK(HistoryReader(file).cursor("stuck").has_value() == (where == Call::close));
}

TEST_CASE_METHOD(FeedFixture, "a feed that ends lets the delivery end and closes its sink") {
    const auto gate = std::make_shared<Gate>();
    auto closed = gate->closed.get_future();
    create("a", 3);
    {
        SinkFeed fed({.name = "slow",
                      .batch_id = "a",
                      .durable = true,
                      .stop_patience = std::chrono::minutes(10)},
                     std::make_unique<HangingSink>(Call::deliver, gate), *history, file, log);
        gate->waitUntilReached();
        fed.askToStop();
        gate->release();
    }
    CHECK(closed.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
    history.reset();  // writes the cursor
    CHECK(HistoryReader(file).cursor("slow") == 4);
}

TEST_CASE_METHOD(FeedFixture, "a sink that is switched off is named in an event of its batch") {
    create("a", 3);
    {
        SinkFeed fed({.name = "a/bad#1", .batch_id = "a", .durable = true},
                     std::make_unique<RefusingSink>(), *history, file, log);
        REQUIRE(drained(fed));
    }
    history.reset();
    const auto events = HistoryReader(file).eventsOf("a", 0, 100);
    REQUIRE(events.size() == 5);
    INFO(events.back().json);
    CHECK(events.back().json.find("\"SINK_OFF\"") != std::string::npos);
    CHECK(events.back().json.find("The sink a/bad#1 is switched off: it crashed 5 times") !=
          std::string::npos);
    CHECK_FALSE(HistoryReader(file).cursor("a/bad#1"));
}
