// What a change costs, in instructions of SQLite's virtual machine, which no load of the machine
// changes.
#include <atomic>
#include <sqlite3.h>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history.h"
#include "history/text_list.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::atomic<std::uint64_t> instructions = 0;

int countOne(void*) {
    ++instructions;
    return 0;
}

int countInstructions(sqlite3* database, char**, const sqlite3_api_routines*) {
    sqlite3_progress_handler(database, 1, countOne, nullptr);
    return SQLITE_OK;
}

// While it lives, new connections of this process count.
struct CountedConnections {
    CountedConnections() { sqlite3_auto_extension(entry()); }
    ~CountedConnections() { sqlite3_cancel_auto_extension(entry()); }
    CountedConnections(const CountedConnections&) = delete;
    CountedConnections& operator=(const CountedConnections&) = delete;

    static void (*entry())() { return reinterpret_cast<void (*)()>(countInstructions); }
};

ChangedSheet readSheet(int number, const std::string& flags) {
    return {
        .number = number,
        .qr = "CODE-7",
        .group = "7",
        .state = SheetState::read,
        .reading = Reading{.values = {"A"}, .flags = flags, .confidence = 0.5, .evidence = "{}"},
        .row = jsonArray({"b", std::to_string(number), "a.jpg", "1", "CODE-7", "", "read",
                          "sheet:duplicate", "A", "0.5"})};
}

// The instructions for each kind of change to the last of `count` sheets, all of which were read.
std::vector<std::uint64_t> costs(int count) {
    const TemporaryFolder folder;
    const CountedConnections counted;
    History history(folder / "history.db", "owner");
    history.commit({.batch_id = "b",
                    .create = NewBatch{.pipeline = "omr", .params = "{}"},
                    .events = {{.stage = "queued", .message = "m"}}});
    Change all{.batch_id = "b", .freeze_sheets = true, .columns = std::vector<std::string>{"q1"}};
    for (int number = 1; number <= count; ++number) {
        all.new_sheets.push_back({.number = number, .file = "a.jpg"});
        all.sheets.push_back(readSheet(number, "q1:faint"));
    }
    history.commit(std::move(all));

    std::vector<std::uint64_t> costs;
    const auto measure = [&](ChangedSheet sheet) {
        const std::uint64_t before = instructions;
        history.commit({.batch_id = "b", .sheets = {std::move(sheet)}});
        costs.push_back(instructions - before);
    };
    measure({.number = count, .path = "elsewhere.jpg"});
    measure(readSheet(count, "q1:multiple"));
    measure({.number = count, .state = SheetState::waiting, .attempt_failed = true});
    measure({.number = count, .state = SheetState::quarantined, .reason = "torn"});
    return costs;
}

}  // namespace

TEST_CASE("a change of one sheet costs the same in a batch of ten and of two thousand sheets") {
    const auto few = costs(10);
    const auto many = costs(2'000);
    for (std::size_t i = 0; i < few.size(); ++i) {
        INFO("change " << i);
        CHECK(few[i] > 0);
        CHECK(many[i] < few[i] + few[i] / 10);
    }
}
