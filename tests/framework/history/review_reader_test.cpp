#include "history/review/review_reader.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/sqlite/database.h>

#include "history/history.h"
#include "history/text_list.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::historyPlace;

namespace {

// Sheet 1 has q2 and q10 in doubt, sheet 2 nothing, sheet 3 a number and the whole sheet; sheet 4
// was not read.
struct ReviewFixture {
    TemporaryFolder folder{};
    sql::Place file{historyPlace(folder)};
    History history{file, "owner"};
    HistoryReader reader{file};

    ReviewFixture() {
        history.commit({.batch_id = "b",
                        .create = NewBatch{.pipeline = "omr", .params = "{}"},
                        .events = {{.stage = "queued", .message = "m"}}});
        history.commit({.batch_id = "b",
                        .new_sheets = {{.number = 1, .file = "a.jpg"},
                                       {.number = 2, .file = "b.jpg"},
                                       {.number = 3, .file = "c \"x\".jpg"},
                                       {.number = 4, .file = "d.jpg"}},
                        .freeze_sheets = true,
                        .columns = std::vector<std::string>{"q2", "q10", "roll"}});
        read(1, {"A", "B", "17"}, "q10:faint;q2:multiple", 0.5,
             R"({"fields":{"q2":{"confidence":0.75},"q10":{"confidence":0.5}}})");
        read(2, {"C", "Ü", "18"}, "", 1, "{}");
        read(3, {"D", "E", "1_"}, "roll:blank;sheet:duplicate;other:faint", 0.25,
             R"({"columns":{"roll":{"confidence":0.6}}})");
        history.commit({.batch_id = "b",
                        .sheets = {{.number = 4,
                                    .state = SheetState::quarantined,
                                    .row = jsonArray({"b", "4", "d.jpg", "1", "", "", "quarantined",
                                                      "", "", "", "", ""})}}});
    }
    void read(int number, const std::vector<std::string>& values, const std::string& flags,
              double confidence, const std::string& evidence) {
        std::vector<std::string> row{"b",
                                     std::to_string(number),
                                     reader.sheet("b", number)->file,
                                     "1",
                                     "CODE-7",
                                     "",
                                     "read",
                                     flags};
        row.insert(row.end(), values.begin(), values.end());
        row.push_back(std::to_string(confidence));
        history.commit({.batch_id = "b",
                        .sheets = {{.number = number,
                                    .state = SheetState::read,
                                    .reading = Reading{.values = values,
                                                       .flags = flags,
                                                       .confidence = confidence,
                                                       .evidence = evidence},
                                    .row = jsonArray(row)}}});
    }
    // "1 q2=A multiple, …", one page after the other.
    std::string answers(AnswerFilter filter) {
        const BatchRow batch = reader.batch("b").value();
        std::string all;
        while (true) {
            const auto page = ReviewReader(reader).answers(batch, filter);
            for (const DoubtfulAnswer& answer : page) {
                all +=
                    std::to_string(answer.sheet.number) + " " + answer.field + "=" + answer.value;
                for (const std::string& flag : answer.flags) all += " " + flag;
                all += ", ";
            }
            if (page.empty()) return all;
            filter.after = page.back().position();
        }
    }
    std::string rows(RowFilter filter) {
        const BatchRow batch = reader.batch("b").value();
        std::string all;
        while (true) {
            const auto page = ReviewReader(reader).rows(batch, filter);
            for (const ReviewedRow& row : page) all += row.row.at(1) + " ";
            if (page.empty()) return all;
            filter.after = page.back().position();
        }
    }
};

}  // namespace

TEST_CASE_METHOD(ReviewFixture, "answers in doubt come in the order of sheets and columns") {
    for (const int limit : {1, 2, 3, 100}) {
        INFO(limit);
        CHECK(answers({.limit = limit}) ==
              "1 q2=A multiple, 1 q10=B faint, 3 roll=1_ blank, 3 other= faint, ");
        CHECK(answers({.order = ReviewOrder::by_confidence, .limit = limit}) ==
              "3 other= faint, 1 q10=B faint, 3 roll=1_ blank, 1 q2=A multiple, ");
    }
}

TEST_CASE_METHOD(ReviewFixture, "answers in doubt are found by flag and by question") {
    CHECK(answers({.flag = "faint"}) == "1 q10=B faint, 3 other= faint, ");
    CHECK(answers({.flag = "faint", .field = "q10"}) == "1 q10=B faint, ");
    CHECK(answers({.field = "sheet"}) == "3 sheet= duplicate, ");
    CHECK(answers({.field = "q7"}).empty());
    CHECK(answers({.flag = ""}).empty());
}

TEST_CASE_METHOD(ReviewFixture, "a page continues after an answer that is settled meanwhile") {
    const BatchRow batch = reader.batch("b").value();
    const auto first = ReviewReader(reader).answers(batch, {.limit = 1});
    read(1, {"A", "B", "17"}, "q10:faint;q2:by_hand", 0.5, "{}");
    CHECK(answers({.after = first.at(0).position(), .limit = 1}) ==
          "1 q10=B faint, 3 roll=1_ blank, 3 other= faint, ");
}

TEST_CASE_METHOD(ReviewFixture, "rows are found by state, doubt and text, and sorted") {
    for (const int limit : {1, 3, 100}) {
        INFO(limit);
        CHECK(rows({.limit = limit}) == "1 2 3 4 ");
        CHECK(rows({.order = ReviewOrder::by_confidence, .limit = limit}) == "3 1 2 4 ");
        CHECK(rows({.doubtful = true, .limit = limit}) == "1 3 ");
        CHECK(rows({.doubtful = true, .order = ReviewOrder::by_confidence, .limit = limit}) ==
              "3 1 ");
        CHECK(rows({.state = SheetState::quarantined, .limit = limit}) == "4 ");
    }
    // What people decided counts, not what was read.
    history.commit({.batch_id = "b",
                    .sheets = {{.number = 3,
                                .state = SheetState::read,
                                .settled = Reading{.values = {"D", "E", "19"},
                                                   .flags = "roll:by_hand",
                                                   .confidence = 0.75,
                                                   .evidence = "{}"}}}});
    CHECK(rows({.order = ReviewOrder::by_confidence, .limit = 2}) == "1 3 2 4 ");
}

TEST_CASE_METHOD(ReviewFixture, "rows are found by a flag, a field and a part of a text") {
    CHECK(rows({.flag = "faint"}) == "1 3 ");
    CHECK(rows({.flag = "faint", .field = "q10"}) == "1 ");
    CHECK(rows({.field = "sheet"}) == "3 ");
    CHECK(rows({.text = "code-7"}) == "1 2 3 ");
    CHECK(rows({.text = "c \"X\""}) == "3 ");
    CHECK(rows({.text = "Ü"}) == "2 ");
    CHECK(rows({.text = "\",\""}).empty());  // values alone, not the text around them
    CHECK(rows({.text = "b"}) == "1 2 3 ");  // "b.jpg", "B" and "blank", not the batch's id
}

TEST_CASE_METHOD(ReviewFixture, "rows and answers are found by the value of a column") {
    const ColumnFilter column{.place = 9, .value = "E"};
    CHECK(rows({.column = column}) == "3 ");
    CHECK(rows({.column = ColumnFilter{.place = 9, .value = ""}}) == "4 ");
    CHECK(rows({.column = ColumnFilter{.place = 99, .value = "E"}}).empty());
    CHECK(answers({.column = column}) == "3 roll=1_ blank, 3 other= faint, ");
}

TEST_CASE_METHOD(ReviewFixture, "a row of a student is found by the doubts of any of its sheets") {
    // The answers of sheet 1 are in the row of sheet 2, those of sheet 3 in none.
    history.commit(
        {.batch_id = "b",
         .sheets = {
             {.number = 1, .row = jsonArray({"b", "2", "a.jpg", "1", "CODE-7", "", "read", ""})},
             {.number = 3,
              .row = jsonArray({"b", "3", "c.jpg", "1", "CODE-7", "", "discarded", ""})}}});
    CHECK(rows({.limit = 100}) == "2 4 ");
    CHECK(rows({.doubtful = true, .limit = 100}) == "2 ");
    CHECK(rows({.field = "q10", .limit = 100}) == "2 ");
    CHECK(rows({.flag = "blank", .limit = 100}).empty());
}

TEST_CASE("a history without doubts has rows, and its answers name the migration", "[sqlite]") {
    const TemporaryFolder folder;
    {
        History history(folder / "history.db", "owner");
        history.commit({.batch_id = "b",
                        .create = NewBatch{.pipeline = "omr", .params = "{}"},
                        .events = {{.stage = "queued", .message = "m"}}});
        history.commit({.batch_id = "b",
                        .new_sheets = {{.number = 1, .file = "a"}},
                        .freeze_sheets = true,
                        .sheets = {{.number = 1, .row = jsonArray({"b", "1", "a"})}}});
    }
    sqlite::Database(folder / "history.db")
        .execute(
            "DROP TABLE doubts; ALTER TABLE batches DROP COLUMN sheets_doubtful; "
            "ALTER TABLE batches DROP COLUMN answers_doubtful; PRAGMA user_version = 2");
    HistoryReader history(folder / "history.db");
    const BatchRow batch = history.batch("b").value();
    ReviewReader reader(history);
    CHECK(reader.rows(batch, {.text = "A"}).size() == 1);
    CHECK_THROWS_WITH(reader.answers(batch, {}), Catch::Contains("migrates it"));
    CHECK_THROWS_WITH(reader.rows(batch, {.doubtful = true}), Catch::Contains("migrates it"));
    CHECK(history.countDoubts().sheets == 0);
}
