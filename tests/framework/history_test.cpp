#include "history/history.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sqlite/database.h>

#include "history/change_wire.h"
#include "history/history_reader.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::historyPlace;

namespace {

Change created(const std::string& id) {
    return {.batch_id = id,
            .create = NewBatch{.pipeline = "omr", .params = "{}"},
            .events = {{.stage = "queued", .message = "Batch created"}}};
}

std::string field(const std::string& json, const std::string& key) {
    const auto at = json.find("\"" + key + "\":") + key.size() + 3;
    return json.substr(at, json.find_first_of(",}", at) - at);
}

}  // namespace

TEST_CASE("events of a batch count 1, 2, 3 whoever commits them") {
    const TemporaryFolder folder;
    {
        History history(historyPlace(folder), "owner");
        history.commit(created("a"));
        history.commit(created("b"));
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i)
                    history.commit({.batch_id = "a", .events = {{.stage = "s", .message = "m"}}});
            });
        }
    }
    HistoryReader reader(historyPlace(folder));
    const auto events = reader.eventsOf("a", 0, 1000);
    REQUIRE(events.size() == 201);
    for (std::size_t i = 0; i < events.size(); ++i) {
        CHECK(events[i].seq == i + 1);
        CHECK(field(events[i].json, "seq") == std::to_string(i + 1));
    }
    CHECK(reader.eventsAfter(0, 1000).size() == 202);
}

TEST_CASE("a rejected change leaves no trace, and the changes next to it are kept") {
    const TemporaryFolder folder;
    History history(historyPlace(folder), "owner");
    history.commit(created("a"));
    CHECK_THROWS_WITH(history.commit(created("a")),
                      Catch::Contains("already exists") && Catch::Contains("sheafline resume a"));
    Change wrong{.batch_id = "a",
                 .sheets = {{.number = 7, .state = SheetState::read}},
                 .events = {{.stage = "s", .message = "never"}}};
    CHECK_THROWS_WITH(history.commit(wrong), Catch::Contains("no sheet 7"));
    history.commit({.batch_id = "a", .events = {{.stage = "s", .message = "next"}}});
    HistoryReader reader(historyPlace(folder));
    const auto events = reader.eventsOf("a", 0, 10);
    REQUIRE(events.size() == 2);
    CHECK(field(events[1].json, "message") == "\"next\"");
}

TEST_CASE("counters follow the sheets, and every event shows them") {
    const TemporaryFolder folder;
    History history(historyPlace(folder), "owner");
    history.commit(created("a"));
    history.commit({.batch_id = "a",
                    .new_sheets = {{.number = 1, .file = "x"},
                                   {.number = 2, .file = "y"},
                                   {.number = 3, .file = "z"}},
                    .freeze_sheets = true});
    history.commit(
        {.batch_id = "a",
         .sheets = {{.number = 1,
                     .state = SheetState::read,
                     .reading = Reading{.values = {"A", "ü\"x"}, .confidence = 0.5}},
                    {.number = 2, .state = SheetState::quarantined, .reason = "no QR code found"}},
         .events = {{.stage = "s", .message = "m"}}});
    history.commit({.batch_id = "a",
                    .sheets = {{.number = 2, .state = SheetState::read}},
                    .events = {{.stage = "s", .message = "m"}}});
    HistoryReader reader(historyPlace(folder));
    const auto events = reader.eventsOf("a", 1, 10);
    REQUIRE(events.size() == 2);
    CHECK(field(events[0].json, "sheets_processed") == "2");
    CHECK(field(events[0].json, "sheets_failed") == "1");
    CHECK(field(events[1].json, "sheets_failed") == "0");
    const auto batch = reader.batch("a").value();
    CHECK(batch.sheets_total == 3);
    CHECK(batch.sheets_read == 2);
    CHECK(batch.sheets_frozen);
    CHECK(reader.reading("a", 1)->values == std::vector<std::string>{"A", "ü\"x"});
    CHECK(reader.sheets("a").at(1).reason == "no QR code found");
}

TEST_CASE("the overall share is weighted, never falls, and is 100 only at completed") {
    const TemporaryFolder folder;
    History history(historyPlace(folder), "owner");
    history.commit(created("a"));
    history.commit({.batch_id = "a",
                    .plan = {{.stage_id = "one", .weight = 1},
                             {.stage_id = "two", .weight = 3},
                             {.stage_id = "last", .weight = 9, .in_finally = true}}});
    const auto say = [&](const std::string& stage, double done, double total) {
        history.commit(
            {.batch_id = "a",
             .events = {
                 {.stage_id = stage, .stage = "s", .message = "m", .done = done, .total = total}}});
    };
    say("one", 1, 2);
    say("one", 2, 2);
    say("one", 0, 2);
    say("two", 4, 4);
    say("last", 1, 1);
    history.commit({.batch_id = "a",
                    .state = BatchState::completed,
                    .events = {{.stage = "completed", .message = "m", .complete = true}}});
    HistoryReader reader(historyPlace(folder));
    std::string shares;
    for (const auto& event : reader.eventsOf("a", 1, 10))
        shares += field(event.json, "overall_percentage") + " ";
    CHECK(shares == "12.5 25.0 25.0 99.9 99.9 100.0 ");
}

TEST_CASE("committed changes and counters are there for the next owner") {
    const TemporaryFolder folder;
    {
        History first(historyPlace(folder), "one");
        first.commit(created("a"));
        first.commit({.batch_id = "a", .new_sheets = {{.number = 1, .file = "x"}}});
    }
    History second(historyPlace(folder), "two");
    CHECK(second.lastEventId() == 1);
    second.commit({.batch_id = "a", .events = {{.stage = "s", .message = "m"}}});
    HistoryReader reader(historyPlace(folder));
    const auto events = reader.eventsOf("a", 1, 10);
    REQUIRE(events.size() == 1);
    CHECK(events[0].seq == 2);
    CHECK(field(events[0].json, "sheets_total") == "1");
    CHECK(reader.batch("a")->owner == "two");
}

TEST_CASE("a reader that waits for an event wakes when it is committed") {
    const TemporaryFolder folder;
    History history(historyPlace(folder), "owner");
    std::stop_source stop;
    auto waiting =
        std::async(std::launch::async, [&] { return history.waitForEvent(0, stop.get_token()); });
    history.commit(created("a"));
    CHECK(waiting.get() == 1);
    auto stopped =
        std::async(std::launch::async, [&] { return history.waitForEvent(1, stop.get_token()); });
    stop.request_stop();
    CHECK(stopped.get() == 1);
}

TEST_CASE("a decision about a batch that another one has changed is rejected and changes nothing") {
    struct Case {
        std::vector<BatchState> states;
        int execution;
        bool accepted;
    };
    const std::vector<Case> cases{
        {{BatchState::queued}, 0, true},  {{BatchState::failed, BatchState::queued}, 1, true},
        {notEnded().states, 1, true},     {{BatchState::uploading}, 0, false},
        {{BatchState::queued}, 2, false}, {{}, 0, false},
    };
    for (const Case& one : cases) {
        const TemporaryFolder folder;
        History history(historyPlace(folder), "owner");
        history.commit(created("a"));
        const Change change{.batch_id = "a",
                            .expected = Expected{.states = one.states, .execution = one.execution},
                            .state = BatchState::cancelled,
                            .events = {{.stage = "cancelled", .message = "Batch cancelled"}}};
        std::string code = "accepted";
        try {
            history.commit(change);
        } catch (const Error& error) {
            code = error.code();
        }
        CHECK(code == (one.accepted ? "accepted" : "STATE_CHANGED"));
        const BatchRow batch = HistoryReader(historyPlace(folder)).batch("a").value();
        CHECK(batch.state == (one.accepted ? BatchState::cancelled : BatchState::queued));
        CHECK(batch.seq == (one.accepted ? 2U : 1U));
    }
}

TEST_CASE("of two decisions in one transaction the second sees the first") {
    const TemporaryFolder folder;
    History history(historyPlace(folder), "owner");
    history.commit(created("a"));
    std::vector<std::future<void>> decisions;
    for (int i = 0; i < 20; ++i) {
        auto done = std::make_shared<std::promise<void>>();
        decisions.push_back(done->get_future());
        history.submit({.batch_id = "a", .expected = notEnded(), .state = BatchState::cancelled},
                       [done](const std::exception_ptr& error) {
                           error ? done->set_exception(error) : done->set_value();
                       });
    }
    int accepted = 0;
    for (auto& decision : decisions) {
        try {
            decision.get();
            ++accepted;
        } catch (const Error& error) {
            CHECK(error.code() == "STATE_CHANGED");
        }
    }
    CHECK(accepted == 1);
}

TEST_CASE("a change is the same after encoding and decoding") {
    Change change{
        .batch_id = "a",
        .state = BatchState::running,
        .stages = {{.stage_id = "x",
                    .state = StageState::running,
                    .attempt = 2,
                    .checkpoint = std::string("\0\xff", 2)}},
        .sheets = {{.number = 5,
                    .path = "p",
                    .reading =
                        Reading{.values = {"A", ""}, .flags = "q1:faint", .confidence = 0.25}}},
        .columns = std::vector<std::string>{"q1", "q2"},
        .outcome = Outcome{.state = BatchState::failed,
                           .error = EventError{.code = "X", .message = "m", .stage = "s"}},
        .events = {{.stage = "s", .message = "m", .eta_seconds = 1.5}}};
    CHECK(encode(decodeChange(encode(change))) == encode(change));
    CHECK(decodeChange(encode(change)).sheets[0].reading == change.sheets[0].reading);
    CHECK_THROWS_AS(decodeChange(encode(change).substr(0, 10)), Error);
}

TEST_CASE("a history of a newer program and a file that is not a history are rejected by name",
          "[sqlite]") {
    const TemporaryFolder folder;
    { sqlite::Database(folder / "newer.db").execute("PRAGMA user_version = 99"); }
    CHECK_THROWS_WITH(History(folder / "newer.db", "o"), Catch::Contains("version 99"));
    folder.write("text.db",
                 "this is no database, but it is long enough to be taken for one "
                 "........................................................");
    CHECK_THROWS_WITH(History(folder / "text.db", "o"), Catch::Contains("not a database"));
}
