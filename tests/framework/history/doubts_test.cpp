// Doubts follow from readings and rows, whatever changes them.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/sql/statement.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "history/review/flag_list.h"
#include "history/text_list.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::historyPlace;

namespace {

const std::string kEvidence =
    R"({"fields":{"q1":{"value":"A","flag":"faint","confidence":0.6123,"darkness":[40]},)"
    R"("q\"2":{"value":"B","confidence":0.25}},"columns":{"roll":{"confidence":0.41}}})";

struct DoubtsFixture {
    TemporaryFolder folder{};
    sql::Place file{historyPlace(folder)};
    History history{file, "owner"};

    DoubtsFixture() {
        history.commit({.batch_id = "b",
                        .create = NewBatch{.pipeline = "omr", .params = "{}"},
                        .events = {{.stage = "queued", .message = "m"}}});
        history.commit({.batch_id = "b",
                        .new_sheets = {{.number = 1, .file = "x"},
                                       {.number = 2, .file = "y"},
                                       {.number = 3, .file = "z"}},
                        .freeze_sheets = true});
    }
    void read(int number, const std::string& flags, const std::string& evidence = kEvidence) {
        history.commit(
            {.batch_id = "b",
             .sheets = {
                 {.number = number,
                  .state = SheetState::read,
                  .reading = Reading{
                      .values = {"A"}, .flags = flags, .confidence = 0.2, .evidence = evidence}}}});
    }
    void move(int number, SheetState state) {
        history.commit({.batch_id = "b", .sheets = {{.number = number, .state = state}}});
    }
    void setRow(int number, const std::string& flags) {
        const std::string row = jsonArray(
            {"b", std::to_string(number), "sheet:1.jpg", "1", "", "", "read", flags, "A", "0.2"});
        history.commit({.batch_id = "b", .sheets = {{.number = number, .row = row}}});
    }
    std::string newestEvent() {
        history.commit({.batch_id = "b", .events = {{.stage = "s", .message = "m"}}});
        HistoryReader reader(file);
        return reader.eventsOf("b", reader.batch("b")->seq - 1, 1).at(0).json;
    }
    // "1 q1:faint 0.61" for each, then the counts of the batch.
    std::string doubts() const {
        HistoryReader reader(file);
        sql::Statement list(reader.database(),
                            "SELECT number || ' ' || field || ':' || flag || ' ' || "
                            "(round(confidence * 100) / 100) FROM doubts ORDER BY number, field, "
                            "flag");
        std::string all;
        while (list.step()) all += list.text(0) + ", ";
        const BatchRow batch = HistoryReader(file).batch("b").value();
        return all + std::to_string(*batch.sheets_doubtful) + " sheets, " +
               std::to_string(*batch.answers_doubtful) + " answers";
    }
};

}  // namespace

TEST_CASE("flags are split at semicolons and at the last colon") {
    CHECK(flagsIn("").empty());
    CHECK(flagsIn("q7:faint;q9:multiple") ==
          std::vector<Flag>{{"q7", "faint"}, {"q9", "multiple"}});
    CHECK(flagsIn(";a:b:faint;;torn;") == std::vector<Flag>{{"a:b", "faint"}, {"sheet", "torn"}});
    CHECK(doubtsIn("q7:by_hand;q9:blank") == std::vector<Flag>{{"q9", "blank"}});
}

TEST_CASE_METHOD(DoubtsFixture, "each flag of a reading is a doubt with the answer's confidence") {
    read(1, "q1:faint;q\"2:multiple;roll:blank;torn");
    read(2, "");
    read(3, "q5:blank", "no JSON");
    CHECK(doubts() ==
          "1 q\"2:multiple 0.25, 1 q1:faint 0.61, 1 roll:blank 0.41, 1 sheet:torn 0.2, "
          "3 q5:blank 0.2, 2 sheets, 4 answers");
    CHECK_THAT(newestEvent(), Catch::Contains(R"("overall_percentage":0.0,"sheets_doubtful":2,)"
                                              R"("answers_doubtful":4})"));
    const DoubtCounts all = HistoryReader(file).countDoubts();
    CHECK(all.sheets == 2);
    CHECK(all.answers == 4);
}

TEST_CASE_METHOD(DoubtsFixture, "a sheet that is read again has only its new doubts") {
    read(1, "q1:faint;q2:multiple");
    read(1, "q3:blank;q4:by_hand");
    CHECK(doubts() == "1 q3:blank 0.2, 1 sheets, 1 answers");
    read(1, "q3:by_hand;q4:by_hand");
    CHECK(doubts() == "0 sheets, 0 answers");
    CHECK_THAT(newestEvent(), !Catch::Contains("doubtful"));
}

TEST_CASE_METHOD(DoubtsFixture, "a sheet that is not read has no doubts, and a read one has them") {
    read(1, "q1:faint");
    read(2, "q1:faint;q2:blank");
    move(1, SheetState::quarantined);
    CHECK(doubts() == "2 q1:faint 0.61, 2 q2:blank 0.2, 1 sheets, 2 answers");
    move(1, SheetState::read);
    move(2, SheetState::discarded);
    CHECK(doubts() == "1 q1:faint 0.61, 1 sheets, 1 answers");
    move(1, SheetState::waiting);
    CHECK(doubts() == "0 sheets, 0 answers");
}

TEST_CASE_METHOD(DoubtsFixture, "a flag of the whole sheet in a row makes it doubtful") {
    read(1, "q1:faint");
    read(2, "");
    setRow(1, "q1:faint;sheet:duplicate");
    setRow(2, "sheet:duplicate");
    setRow(3, "sheet:duplicate");  // was never read
    CHECK(doubts() ==
          "1 q1:faint 0.61, 1 sheet:duplicate 0.2, 2 sheet:duplicate 0.2, 2 sheets, 1 answers");
    setRow(2, "");
    setRow(1, "q1:faint");
    CHECK(doubts() == "1 q1:faint 0.61, 1 sheets, 1 answers");
}

TEST_CASE_METHOD(DoubtsFixture,
                 "the next execution drops the doubts of sheets that it reads again") {
    read(1, "q1:faint");
    read(2, "q1:faint");
    move(2, SheetState::quarantined);
    read(3, "q2:blank;torn");
    history.commit({.batch_id = "b", .state = BatchState::completed});
    history.commit({.batch_id = "b",
                    .next_execution = NextExecution{.readings = SheetChoice::scores},
                    .state = BatchState::running});
    CHECK(doubts() == "0 sheets, 0 answers");
    move(1, SheetState::read);
    CHECK(doubts() == "1 q1:faint 0.61, 1 sheets, 1 answers");
}

TEST_CASE_METHOD(DoubtsFixture, "a removed batch leaves no doubts, and a rejected change none") {
    read(1, "q1:faint");
    Change wrong{
        .batch_id = "b",
        .sheets = {
            {.number = 2, .state = SheetState::read, .reading = Reading{.flags = "q1:faint"}},
            {.number = 9, .state = SheetState::read}}};
    CHECK_THROWS_WITH(history.commit(wrong), Catch::Contains("no sheet 9"));
    CHECK(doubts() == "1 q1:faint 0.61, 1 sheets, 1 answers");
    CHECK_THAT(newestEvent(), Catch::Contains(R"("sheets_doubtful":1)"));
    history.commit({.batch_id = "b", .state = BatchState::completed});
    history.commit({.batch_id = "b", .remove = true});
    HistoryReader reader(file);
    CHECK(sql::integerOf(reader.database(), "SELECT count(*) FROM doubts") == 0);
}

TEST_CASE_METHOD(DoubtsFixture, "a change may name a sheet twice, and many sheets") {
    Change change{.batch_id = "b"};
    for (int number = 4; number <= 60; ++number) {
        change.new_sheets.push_back({.number = number, .file = "x"});
        change.sheets.push_back({.number = number, .qr = "C", .state = SheetState::read});
        change.sheets.back().reading = Reading{.flags = number == 60 ? "q1:faint" : ""};
    }
    change.sheets.push_back({.number = 60, .state = SheetState::waiting, .reason = "again"});
    change.sheets.push_back({.number = 59, .group = "7", .attempt_failed = true});
    change.sheets.push_back({.number = 59, .attempt_failed = true, .by_hand = true});
    change.sheets.push_back({.number = 99, .qr = "no such sheet"});
    history.commit(std::move(change));
    CHECK(doubts() == "0 sheets, 0 answers");
    HistoryReader reader(file);
    CHECK(reader.batch("b")->sheets_read == 56);
    sql::Statement sheets(reader.database(),
                          "SELECT s.number || ' ' || state || ' ' || reason || qr || grp || ' ' || "
                          "attempt || ' ' || by_hand || ' ' || (SELECT count(*) FROM readings r "
                          "WHERE r.batch_id = s.batch_id AND r.number = s.number) FROM sheets s "
                          "WHERE number >= 58 ORDER BY number");
    std::string text;
    while (sheets.step()) text += sheets.text(0) + ", ";
    CHECK(text == "58 read C 0 0 1, 59 read C7 1 1 1, 60 waiting againC 0 0 0, ");
}
