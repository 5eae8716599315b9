// What holds while several servers write one database: batches run under leases, a server that was
// taken over stores nothing more, and no cursor passes an event that becomes visible later.
#include "history/leases/leases.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "base/data_folder.h"
#include "base/stderr_log.h"
#include "batch/lease/left_work.h"
#include "batch/lease/work_epoch.h"
#include "child_server.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "history/stores/open_history.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

Change created(const std::string& id, const std::string& user) {
    return {.batch_id = id,
            .create = NewBatch{.pipeline = "omr", .params = "{}", .user = user},
            .events = {{.stage = "queued", .message = "m"}}};
}

Change reported(const std::string& id, std::int64_t epoch) {
    return {.batch_id = id, .epoch = epoch, .events = {{.stage = "s", .message = "m"}}};
}

std::string codeOf(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    return "stored";
}

// Two servers of one database.
struct Shared {
    PostgresServer server{};
    const sql::Place place{"history.db", server.url()};
    StderrLog log{{.lowest = LogLevel::error}, ""};
    History one{place, "one"};
    History two{place, "two"};
    Leases of_one{place, "one", "the first server", log};
    Leases of_two{place, "two", "the second server", log};

    // As if its owner had been silent for a lease.
    void expire(const std::string& batch_id) const {
        server.query(
            "UPDATE sheafline.leases SET lease_until = now() - interval '1 s' WHERE name = "
            "'batch/" +
            batch_id + "'");
    }
};

}  // namespace

TEST_CASE_METHOD(Shared, "a batch that another server has taken over stores nothing more here",
                 "[postgresql]") {
    one.commit(created("b", "ann"));
    const auto first = of_one.claimNext(9, {});
    REQUIRE(first);
    CHECK(first->batch_id == "b");
    CHECK(first->resumed_because.empty());
    CHECK_FALSE(of_two.claimNext(9, {}));
    CHECK(codeOf([&] { one.commit(reported("b", first->epoch)); }) == "stored");
    expire("b");
    const auto second = of_two.claimNext(9, {});
    REQUIRE(second);
    CHECK(second->epoch == first->epoch + 1);
    CHECK(codeOf([&] { one.commit(reported("b", first->epoch)); }) == "FENCED");
    CHECK(codeOf([&] { two.commit(reported("b", second->epoch)); }) == "stored");
    CHECK(codeOf([&] { two.commit(reported("b", first->epoch)); }) == "FENCED");
    // What people decide needs no lease.
    CHECK(codeOf([&] { one.commit(reported("b", 0)); }) == "stored");
    CHECK(HistoryReader(place).batch("b").value().seq == 4);
}

TEST_CASE_METHOD(Shared, "a fenced change does not take the others of its group with it",
                 "[postgresql]") {
    one.commit(created("b", "ann"));
    one.commit(created("c", "ann"));
    std::atomic<int> stored = 0;
    std::atomic<int> fenced = 0;
    std::atomic<int> done = 0;
    for (int i = 0; i < 100; ++i) {
        one.submit(reported(i % 2 == 0 ? "b" : "c", i % 2 == 0 ? 7 : 0),
                   [&](const std::exception_ptr& error) {
                       ++(error ? fenced : stored);
                       ++done;
                   });
    }
    one.commit(reported("c", 0));
    CHECK(done == 100);
    CHECK(stored == 50);
    CHECK(fenced == 50);
    CHECK(HistoryReader(place).batch("b").value().seq == 1);
    CHECK(HistoryReader(place).batch("c").value().seq == 52);
}

TEST_CASE_METHOD(Shared, "the servers share out the batches of all users fairly", "[postgresql]") {
    for (const char* id : {"a1", "a2", "a3", "a4"}) one.commit(created(id, "ann"));
    one.commit(created("b1", "ben"));
    one.commit(created("c1", "cem"));
    std::vector<std::string> order;
    for (int i = 0; i < 5; ++i) {
        const auto claimed = (i % 2 == 0 ? of_one : of_two).claimNext(3, {});
        REQUIRE(claimed);
        order.push_back(claimed->batch_id);
    }
    CHECK(order == std::vector<std::string>{"a1", "b1", "c1", "a2", "a3"});
    CHECK_FALSE(of_one.claimNext(3, {}));  // ann has three that run
    of_one.giveBack(batchLease("a1"));
    one.commit({.batch_id = "a1", .state = BatchState::completed});
    CHECK(of_two.claimNext(3, {}).value().batch_id == "a4");
}

TEST_CASE_METHOD(Shared, "no batch is claimed by two servers", "[postgresql]") {
    constexpr int kBatches = 60;
    for (int i = 0; i < kBatches; ++i) one.commit(created("b" + std::to_string(i), "ann"));
    std::vector<std::string> claimed[2];
    {
        std::vector<std::jthread> servers;
        for (int i = 0; i < 2; ++i) {
            servers.emplace_back([&, i] {
                Leases& leases = i == 0 ? of_one : of_two;
                while (const auto batch = leases.claimNext(1'000, {}))
                    claimed[i].push_back(batch->batch_id);
            });
        }
    }
    std::set<std::string> all(claimed[0].begin(), claimed[0].end());
    all.insert(claimed[1].begin(), claimed[1].end());
    CHECK(claimed[0].size() + claimed[1].size() == kBatches);
    CHECK(all.size() == kBatches);
}

TEST_CASE_METHOD(Shared, "a waiting batch is cancelled or claimed, never both", "[postgresql]") {
    one.commit(created("b", "ann"));
    REQUIRE(of_two.claim("b"));
    Change cancel{.batch_id = "b",
                  .expected = Expected{.states = {BatchState::queued}, .waits = true},
                  .state = BatchState::cancelled};
    CHECK(codeOf([&] { one.commit(cancel); }) == "STATE_CHANGED");
    of_two.giveBack(batchLease("b"), "its server was stopped");
    CHECK(codeOf([&] { one.commit(cancel); }) == "stored");
    CHECK_FALSE(of_two.claimNext(9, {}));
}

TEST_CASE_METHOD(Shared, "a lease that has run out shows its batch as interrupted",
                 "[postgresql]") {
    one.commit(created("b", "ann"));
    const auto claimed = of_one.claimNext(9, {});
    one.commit({.batch_id = "b", .epoch = claimed->epoch, .state = BatchState::running});
    HistoryReader reader(place);
    CHECK_FALSE(reader.batch("b").value().owner_lost.value());
    expire("b");
    CHECK(reader.batch("b").value().owner_lost.value());
    CHECK(reader.batch("b").value().error().value().code == "OWNER_LOST");
}

TEST_CASE_METHOD(Shared, "the epoch of a sink and of a batch rises with each owner",
                 "[postgresql]") {
    CHECK(of_one.take("sink/redis"));
    CHECK(of_one.holds("sink/redis"));
    CHECK_FALSE(of_two.take("sink/redis"));
    of_one.giveBack("sink/redis");
    CHECK_FALSE(of_one.holds("sink/redis"));
    CHECK(of_two.take("sink/redis"));
    CHECK(server.query("SELECT epoch FROM sheafline.leases WHERE name = 'sink/redis'") == "2");
}

TEST_CASE_METHOD(Shared, "a cursor never passes an event that becomes visible later",
                 "[postgresql]") {
    constexpr int kChanges = 400;
    for (const char* id : {"b", "c", "d", "e"}) one.commit(created(id, "ann"));
    std::vector<std::int64_t> seen;
    std::atomic<bool> written = false;
    {
        // Reads as a sink does: after the newest id that it knows.
        const std::jthread reading([&] {
            HistoryReader reader(place);
            for (std::int64_t cursor = 0;;) {
                const bool last = written;
                const auto events = reader.eventsAfter(cursor, 50);
                for (const auto& event : events) seen.push_back(event.event_id);
                if (!events.empty()) cursor = events.back().event_id;
                if (last && events.empty()) return;
            }
        });
        {
            std::vector<std::jthread> writers;
            for (int i = 0; i < 4; ++i) {
                writers.emplace_back([&, i] {
                    History& history = i % 2 == 0 ? one : two;
                    const std::string id(1, static_cast<char>('b' + i));
                    for (int n = 0; n < kChanges; ++n) history.commit(reported(id, 0));
                });
            }
        }
        written = true;
    }
    CHECK(seen.size() == 4 + 4 * kChanges);
    CHECK(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE_METHOD(Shared, "a server hears of the commits of another one", "[postgresql]") {
    std::mutex mutex;
    std::condition_variable heard;
    std::set<std::string> elsewhere;
    two.onCommit([&](const Committed& change) {
        const std::lock_guard lock(mutex);
        if (change.elsewhere) elsewhere.insert(change.batch_id);
        heard.notify_all();
    });
    one.commit(created("b", "ann"));
    std::stop_source never;
    CHECK(two.waitForEvent(0, never.get_token()) == 1);
    std::unique_lock lock(mutex);
    heard.wait(lock, [&] { return elsewhere.contains("b"); });
    lock.unlock();
    two.onCommit({});
}

TEST_CASE_METHOD(Shared, "a server that is stopped in a transaction does not stop the others",
                 "[postgresql]") {
    one.commit(created("b", "ann"));
    // Its process is stopped while it holds the lock of the event ids.
    const auto stopped = openHistory(place);
    stopped->begin();
    stopped->execute("UPDATE last_event SET number = number + 0");
    stopped->execute("SELECT 1");
    CHECK(stopped->changes() >= 0);  // waits for the answers, so the lock is held
    CHECK(codeOf([&] { two.commit(reported("b", 0)); }) == "stored");
    CHECK(codeOf([&] { stopped->commit(); }) != "stored");
}

TEST_CASE_METHOD(Shared, "the work of a batch that another server continues or removes is left",
                 "[postgresql]") {
    const TemporaryFolder place_of_one;
    const DataFolder folder(place_of_one.path());
    HistoryReader reader(place);
    const auto left = [&] {
        auto ids = leftWork(folder, reader.database());
        std::ranges::sort(ids);
        return ids;
    };
    CHECK(left().empty());
    std::filesystem::create_directories(folder.work("of-somebody-else"));
    for (const char* id : {"kept", "moved", "removed"}) {
        one.commit(created(id, "ann"));
        useWorkFolder(folder.work(id), of_one.claim(id).value().epoch);
    }
    CHECK(left().empty());
    expire("moved");
    CHECK(of_two.claim("moved").has_value());
    server.query("DELETE FROM sheafline.batches WHERE batch_id = 'removed'");
    CHECK(left() == std::vector<std::string>{"moved", "removed"});
    CHECK(asideOf(asideOf(folder.work("moved"))) == folder.work("moved.left"));
    std::filesystem::rename(folder.work("moved"), folder.work("moved.left"));
    CHECK(left() == std::vector<std::string>{"moved.left", "removed"});
    removeLeftWork(folder.work("moved.left"));
    CHECK(left() == std::vector<std::string>{"removed"});
}
