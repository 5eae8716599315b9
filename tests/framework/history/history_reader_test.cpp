#include "history/history_reader.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "history/history.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::historyPlace;

namespace {

struct ReaderFixture {
    TemporaryFolder folder{};
    sql::Place file{historyPlace(folder)};
    History history{file, "owner"};
    HistoryReader reader{file};

    void create(const std::string& id, const std::string& user, const std::string& pipeline) {
        history.commit({.batch_id = id,
                        .create = NewBatch{.pipeline = pipeline, .params = "{}", .user = user},
                        .events = {{.stage = "queued", .message = "m"}}});
    }
    std::string ids(const BatchFilter& filter) {
        std::string all;
        for (const BatchRow& batch : reader.batches(filter)) all += batch.batch_id + " ";
        return all;
    }
};

}  // namespace

TEST_CASE("a reader of a folder without history names the folder and the option", "[sqlite]") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH(HistoryReader(folder / "history.db"),
                      Catch::Contains("no history in") && Catch::Contains("--data-dir"));
    CHECK_FALSE(std::filesystem::exists(folder / "history.db"));
}

TEST_CASE_METHOD(ReaderFixture, "a reader of an unknown batch finds nothing") {
    CHECK_FALSE(reader.batch("x"));
    CHECK(reader.stages("x", 1).empty());
    CHECK(reader.sheets("x").empty());
    CHECK_FALSE(reader.sheet("x", 1));
    CHECK_FALSE(reader.reading("x", 1));
    CHECK_FALSE(reader.row("x", 1));
    CHECK(reader.eventsOf("x", 0, 10).empty());
    CHECK(reader.eventsBetween("x", 0, 100, 10).empty());
    CHECK(reader.firstEventId("x") == 0);
    CHECK(reader.lastEventId() == 0);
    CHECK_FALSE(reader.cursor("x"));
}

TEST_CASE_METHOD(ReaderFixture,
                 "the error of an interruption is kept until the state changes again") {
    create("b", "ann", "omr");
    const EventError error{.code = "DISK_FULL", .message = "no room", .stage = "csv"};
    history.commit({.batch_id = "b",
                    .state = BatchState::interrupted,
                    .events = {{.stage = "queued", .message = "m", .error = error}}});
    REQUIRE(reader.batch("b")->error());
    CHECK(reader.batch("b")->error()->code == "DISK_FULL");
    CHECK(reader.batch("b")->error()->stage == "csv");
    CHECK_FALSE(reader.batch("b")->outcome);
    history.commit({.batch_id = "b", .events = {{.stage = "queued", .message = "later"}}});
    CHECK(reader.batch("b")->error());
    const BatchState next = GENERATE(BatchState::queued, BatchState::running,
                                     BatchState::cancelling, BatchState::interrupted);
    history.commit({.batch_id = "b", .state = next, .events = {{.stage = "queued"}}});
    CHECK_FALSE(reader.batch("b")->error());
}

TEST_CASE_METHOD(ReaderFixture, "an interruption does not replace the error of an outcome") {
    create("b", "ann", "omr");
    const EventError failure{.code = "STAGE_THREW", .message = "it threw", .stage = "a"};
    history.commit(
        {.batch_id = "b", .outcome = Outcome{.state = BatchState::failed, .error = failure}});
    history.commit({.batch_id = "b",
                    .state = BatchState::interrupted,
                    .events = {{.stage = "queued", .error = EventError{.code = "DISK_FULL"}}}});
    CHECK(reader.batch("b")->error()->code == "STAGE_THREW");
}

TEST_CASE_METHOD(ReaderFixture,
                 "batches are listed newest first, by user, pipeline, state and text") {
    create("a-1", "ann", "omr");
    create("b-1", "bob", "omr");
    create("a-2", "ann", "scan");
    history.commit({.batch_id = "a-2", .state = BatchState::failed});
    CHECK(ids({}) == "a-2 b-1 a-1 ");
    CHECK(ids({.user = "ann"}) == "a-2 a-1 ");
    CHECK(ids({.user = "ANN"}).empty());
    CHECK(ids({.pipeline = "omr"}) == "b-1 a-1 ");
    CHECK(ids({.state = BatchState::failed}) == "a-2 ");
    CHECK(ids({.text = "-1"}) == "b-1 a-1 ");
    CHECK(ids({.text = "%"}).empty());  // a text, not a pattern
    CHECK(ids({.limit = 1}) == "a-2 ");
    const auto last = reader.batches({.limit = 2}).back();
    CHECK(ids({.after = BatchPlace{last.created_ms, last.row_id}}) == "a-1 ");
    CHECK(reader.countByState().at("queued") == 2);
}

TEST_CASE_METHOD(ReaderFixture, "sheets are paged by number and filtered by state") {
    create("a", "ann", "omr");
    history.commit({.batch_id = "a",
                    .new_sheets = {{.number = 1}, {.number = 2}, {.number = 10}},
                    .freeze_sheets = true,
                    .sheets = {{.number = 2, .state = SheetState::quarantined, .reason = "why"}}});
    CHECK(reader.sheetsAfter("a", 0, std::nullopt, 2).back().number == 2);
    CHECK(reader.sheetsAfter("a", 2, std::nullopt, 5).front().number == 10);
    CHECK(reader.sheetsAfter("a", 0, SheetState::quarantined, 5).size() == 1);
    CHECK(reader.sheetsAfter("a", 10, std::nullopt, 5).empty());
    CHECK(reader.sheet("a", 2)->reason == "why");
}

TEST_CASE_METHOD(ReaderFixture, "events between two ids are those of one batch, in order") {
    for (int i = 0; i < 3; ++i) {
        if (i == 0) create("a", "", "p");
        if (i == 0) create("b", "", "p");
        for (const char* id : {"a", "b"})
            history.commit({.batch_id = id, .events = {{.stage = "s", .message = "m"}}});
    }
    // a has the ids 1, 3, 5, 7; b has 2, 4, 6, 8.
    const auto seqs = [&](std::int64_t after, std::int64_t last, int limit) {
        std::string all;
        for (const auto& event : reader.eventsBetween("a", after, last, limit))
            all += std::to_string(event.event_id) + ":" + std::to_string(event.seq) + " ";
        return all;
    };
    CHECK(reader.firstEventId("b") == 2);
    CHECK(seqs(0, 8, 10) == "1:1 3:2 5:3 7:4 ");
    CHECK(seqs(2, 5, 10) == "3:2 5:3 ");
    CHECK(seqs(3, 100, 1) == "5:3 ");
    CHECK(seqs(7, 100, 10).empty());
    CHECK(seqs(5, 4, 10).empty());
}

TEST_CASE_METHOD(ReaderFixture, "batches are found by all that people call them") {
    const auto add = [&](const std::string& id, const std::string& name, const std::string& labels,
                         const std::string& params) {
        history.commit({.batch_id = id,
                        .create = NewBatch{.pipeline = "omr",
                                           .params = params,
                                           .user = "ann",
                                           .name = name,
                                           .file_name = name + ".zip",
                                           .labels = labels},
                        .events = {{.stage = "queued", .message = "m"}}});
    };
    add("id-1", "Zebra", R"({"class":"7B"})", "{}");
    add("id-2", "apple", "{}", R"({"exam":"Physics"})");
    add("id-3", "Mango \"x\"", R"({"room":"12","class":"8A"})", "{}");
    CHECK(ids({.text = "zeb"}) == "id-1 ");
    CHECK(ids({.text = "ID-"}) == "id-3 id-2 id-1 ");
    CHECK(ids({.text = "apple.zip"}) == "id-2 ");
    CHECK(ids({.text = "PHYS"}) == "id-2 ");
    CHECK(ids({.text = "class=7b"}) == "id-1 ");
    CHECK(ids({.text = "class"}) == "id-3 id-1 ");
    CHECK(ids({.text = "7B\n"}).empty());
    for (const int limit : {1, 2, 3}) {
        for (const auto& [sort, expected] : std::vector<std::pair<BatchSort, std::string>>{
                 {BatchSort::newest, "id-3 id-2 id-1 "},
                 {BatchSort::oldest, "id-1 id-2 id-3 "},
                 {BatchSort::by_name, "id-2 id-3 id-1 "}}) {
            BatchFilter filter{.sort = sort, .limit = limit};
            std::string all;
            for (auto page = reader.batches(filter); !page.empty(); page = reader.batches(filter)) {
                for (const BatchRow& batch : page) all += batch.batch_id + " ";
                const BatchRow& last = page.back();
                filter.after = {last.created_ms, last.row_id, last.name};
            }
            INFO(limit);
            CHECK(all == expected);
        }
    }
    history.commit({.batch_id = "id-1", .title = NewTitle{.name = "Aardvark"}});
    CHECK(reader.batch("id-1")->name == "Aardvark");
    CHECK(reader.batch("id-1")->labels == R"({"class":"7B"})");
    CHECK(reader.batch("id-1")->file_name == "Zebra.zip");
    CHECK(reader.batch("id-2")->exam == "Physics");
}

TEST_CASE_METHOD(ReaderFixture, "a stage counts as active only while it works") {
    create("b", "ann", "omr");
    history.commit({.batch_id = "b",
                    .state = BatchState::running,
                    .plan = {{.stage_id = "one"}, {.stage_id = "two"}}});
    const auto active = [&] { return reader.stages("b", 1).at(0).active_seconds; };
    CHECK_FALSE(active());
    const auto moved = [&](StageState state) {
        history.commit({.batch_id = "b", .stages = {{.stage_id = "one", .state = state}}});
    };
    const auto event = [&] {
        history.commit({.batch_id = "b", .events = {{.stage_id = "one", .stage = "s"}}});
    };
    // The test does not wait: what matters is when the clock runs at all.
    const auto since = [&] {
        sql::Statement find(reader.database(),
                            "SELECT active_since_ms FROM stage_runs WHERE stage_id = 'one'");
        find.step();
        return find.isNull(0) ? "stopped" : "runs";
    };
    moved(StageState::running);
    event();
    CHECK(since() == std::string("runs"));
    CHECK(active() >= 0.0);
    history.commit({.batch_id = "b", .state = BatchState::interrupted});
    CHECK(since() == std::string("stopped"));
    event();
    CHECK(since() == std::string("stopped"));
    moved(StageState::running);
    CHECK(since() == std::string("runs"));
    history.commit({.batch_id = "b", .state = BatchState::running});  // the owner was killed
    CHECK(since() == std::string("stopped"));
    moved(StageState::running);
    moved(StageState::retrying);
    CHECK(since() == std::string("stopped"));
    moved(StageState::running);
    moved(StageState::completed);
    CHECK(since() == std::string("stopped"));
    CHECK(reader.stages("b", 1).at(1).state == StageState::pending);
}
