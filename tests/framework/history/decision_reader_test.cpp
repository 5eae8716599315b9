#include "history/decisions/decision_reader.h"

#include <sqlite3.h>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/sql/sqlite_store.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::historyPlace;

namespace {

constexpr int kSheets = 2000;

// A batch with one answer in each of its sheets.
struct DecisionFixture {
    TemporaryFolder folder{};
    sql::Place file{historyPlace(folder)};
    History history{file, "owner"};
    HistoryReader reader{file};

    DecisionFixture() {
        history.commit({.batch_id = "b",
                        .create = NewBatch{.pipeline = "omr", .params = "{}"},
                        .events = {{.stage = "queued", .message = "m"}}});
        std::vector<Sheet> sheets;
        std::vector<ChangedSheet> read;
        for (int number = 1; number <= kSheets; ++number) {
            sheets.push_back({.number = number, .file = "a.jpg"});
            read.push_back({.number = number,
                            .state = SheetState::read,
                            .reading = Reading{.values = {"A", "B"}}});
        }
        history.commit({.batch_id = "b",
                        .new_sheets = std::move(sheets),
                        .freeze_sheets = true,
                        .columns = std::vector<std::string>{"q1", "q2"}});
        history.commit({.batch_id = "b", .sheets = std::move(read)});
    }

    void decide(std::vector<NewDecision> list, const std::string& user = "ann") {
        history.commit(
            {.batch_id = "b", .decisions = NewDecisions{.list = std::move(list), .user = user}});
    }
    std::string listed(const DecisionFilter& filter) {
        std::string all;
        for (const Decision& decision : DecisionReader(reader.database()).list("b", filter))
            all += std::to_string(decision.id) + " ";
        return all;
    }
};

int countSteps(void* steps) {
    ++*static_cast<int*>(steps);
    return 0;
}

}  // namespace

TEST_CASE_METHOD(DecisionFixture, "decisions are listed by state, sheet and field") {
    decide({{.sheet = 1, .field = "q1", .kind = DecisionKind::value, .value = "B"},
            {.sheet = 2, .field = "q1", .kind = DecisionKind::confirm},
            {.sheet = 1, .field = "q2", .kind = DecisionKind::confirm},
            {.sheet = 1, .kind = DecisionKind::discard}});
    decide({{.kind = DecisionKind::undo, .undoes = 2}});
    CHECK(listed({}) == "1 2 3 4 5 ");
    CHECK(listed({.sheet = 1}) == "1 3 4 ");
    CHECK(listed({.sheet = 1, .field = "q2"}) == "3 4 ");
    CHECK(listed({.state = DecisionState::undone}) == "2 ");
    CHECK(listed({.state = DecisionState::pending, .sheet = 2}).empty());
    CHECK(listed({.after = 3}) == "4 5 ");
    CHECK(listed({.after = 1, .limit = 2}) == "2 3 ");
}

TEST_CASE_METHOD(DecisionFixture, "the decisions about a sheet are found without the others",
                 "[sqlite]") {
    std::vector<NewDecision> list;
    for (int sheet = 1; sheet <= kSheets; ++sheet)
        list.push_back({.sheet = sheet, .field = "q1", .kind = DecisionKind::confirm});
    decide(std::move(list));
    auto& opened = dynamic_cast<sql::SqliteStore&>(reader.database()).file();
    int steps = 0;
    sqlite3_progress_handler(opened.handle(), 1, countSteps, &steps);
    CHECK(listed({.sheet = kSheets}) == std::to_string(kSheets) + " ");
    sqlite3_progress_handler(opened.handle(), 0, nullptr, nullptr);
    CHECK(steps < kSheets);
}
