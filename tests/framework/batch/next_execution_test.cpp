// Which sheets a retry, a fix or a changed file resets to waiting: this depends on the flags of the
// plugin, never on the name of its stage.
#include "batch/next_execution.h"

#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "history/history.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

const PluginDescriptor kReader{
    .name = "own_reader", .version = "1", .stage = "looking_closely", .reads_sheets = true};
const PluginDescriptor kSorter{
    .name = "own_sorter", .version = "1", .stage = "putting_in_heaps", .groups_sheets = true};
const PluginDescriptor kExporter{.name = "exporter", .version = "1", .stage = "processing_sheets"};

PluginCatalog catalog() {
    return PluginCatalog(
        std::vector<PluginEntry>{{&kExporter, {}, {}}, {&kReader, {}, {}}, {&kSorter, {}, {}}});
}

// Sheet 1 was read, 2 rejected by a processor, 3 has no code, 4 was entered by hand and read.
struct FailedBatch {
    TemporaryFolder folder;
    History history{folder / "history.db", "owner"};

    explicit FailedBatch(const std::string& failed_plugin) {
        Change change{.batch_id = "b",
                      .create = NewBatch{.pipeline = "p", .params = "{}"},
                      .plan = {{.stage_id = "s", .stage = "x", .plugin = failed_plugin}}};
        for (int number = 1; number <= 4; ++number)
            change.new_sheets.push_back({.number = number, .file = "f"});
        history.commit(change);
        history.commit(
            {.batch_id = "b",
             .state = BatchState::failed,
             .stages = {{.stage_id = "s", .state = StageState::failed}},
             .sheets = {{.number = 1,
                         .qr = "A",
                         .state = SheetState::read,
                         .reading = Reading{.values = {"1"}}},
                        {.number = 2,
                         .qr = "B",
                         .state = SheetState::quarantined,
                         .reason = "smudged",
                         .reading = Reading{.reason = "smudged"}},
                        {.number = 3, .state = SheetState::quarantined, .reason = "no code"},
                        {.number = 4,
                         .qr = "D",
                         .state = SheetState::read,
                         .reading = Reading{.values = {"4"}},
                         .by_hand = true}}});
    }
    HistoryReader reader() const { return HistoryReader(folder / "history.db"); }
    void retry() {
        HistoryReader before = reader();
        history.commit(retryChange(before, catalog(), "b"));
    }
    // "read wait quarantined": one word for each sheet.
    std::string states() const {
        std::string text;
        for (const Sheet& sheet : reader().sheets("b"))
            text += (text.empty() ? "" : " ") + std::string(toString(sheet.state));
        return text;
    }
};

}  // namespace

TEST_CASE("a retry of a custom reading stage reads again what a processor rejected") {
    FailedBatch batch("own_reader");
    batch.retry();
    CHECK(batch.states() == "read waiting quarantined read");
    CHECK_FALSE(batch.reader().reading("b", 2));
    CHECK(batch.reader().batch("b")->sheets_quarantined == 1);
}

TEST_CASE("a retry of a custom grouping stage looks again for the codes that were not found") {
    FailedBatch batch("own_sorter");
    batch.retry();
    CHECK(batch.states() == "read quarantined waiting read");
    CHECK(batch.reader().sheets("b")[0].qr == "A");
}

TEST_CASE("a stage that only carries the name of a reading stage reads nothing again") {
    FailedBatch batch("exporter");
    batch.retry();
    CHECK(batch.states() == "read quarantined quarantined read");
}

TEST_CASE("a retry with a missing plugin keeps the sheets as they are") {
    FailedBatch batch("gone");
    batch.retry();
    CHECK(batch.states() == "read quarantined quarantined read");
}

TEST_CASE("a sheet that waits for new scores keeps its reading") {
    FailedBatch batch("own_reader");
    batch.history.commit({.batch_id = "b",
                          .next_execution = NextExecution{.readings = SheetChoice::scores},
                          .state = BatchState::running});
    CHECK(batch.states() == "waiting quarantined quarantined waiting");
    CHECK(batch.reader().reading("b", 1)->values == std::vector<std::string>{"1"});
    CHECK(batch.reader().batch("b")->sheets_read == 0);
}

TEST_CASE("a fixed sheet forgets the reading that rejected it") {
    FailedBatch batch("own_reader");
    HistoryReader before = batch.reader();
    batch.history.commit(fixChange(before, catalog(), "b", {.sheet = 2, .qr = "NEW"}));
    CHECK(batch.states() == "read waiting quarantined read");
    CHECK_FALSE(batch.reader().reading("b", 2));
}

TEST_CASE("a batch that has not failed is not retried, and the message says why") {
    FailedBatch batch("own_reader");
    HistoryReader history = batch.reader();
    CHECK_THROWS_WITH(retryChange(history, catalog(), "nobody"),
                      Catch::Contains("there is no batch 'nobody'"));
    batch.history.commit({.batch_id = "b", .state = BatchState::running});
    HistoryReader running = batch.reader();
    CHECK_THROWS_WITH(retryChange(running, catalog(), "b"),
                      Catch::Contains("is running; it can be retried once it has ended"));
    batch.history.commit({.batch_id = "b", .state = BatchState::cancelled});
    HistoryReader cancelled = batch.reader();
    CHECK_THROWS_WITH(retryChange(cancelled, catalog(), "b"),
                      Catch::Contains("was cancelled and cannot be changed"));
}
