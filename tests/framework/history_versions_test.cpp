// Histories of earlier and later versions of the program.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "history/history.h"
#include "history/history_reader.h"
#include "history/history_schema.h"
#include "history/shares/share_rows.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::string dumpOf(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(std::string(SHEAFLINE_SOURCE_DIR "/tests/data/") + name).rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

struct OldHistoryFixture {
    TemporaryFolder folder{};
    std::filesystem::path file{folder / "history.db"};

    OldHistoryFixture() {
        sqlite::Database database(file);
        database.useWriteAheadLog();
        database.execute(dumpOf("version-0.1.0/history.sql"));
    }
    std::int64_t integerOf(const std::string& sql) const {
        return sqlite::Database(file).integerOf(sql);
    }
    void checkMigrated() const {
        {
            History history(file, "owner");
            history.commit({.batch_id = "first", .events = {{.stage = "s", .message = "m"}}});
            CHECK_THROWS_WITH(history.commit({.batch_id = "163e442b-887f-4bb3-b70c-e71b7d530846",
                                              .create = NewBatch{.pipeline = "p", .params = "{}"}}),
                              Catch::Contains("already exists"));
        }
        CHECK(integerOf("PRAGMA user_version") == kHistoryVersion);
        HistoryReader reader(file);
        const auto batch = reader.batch("first").value();
        CHECK(batch.state == BatchState::completed);
        CHECK(batch.sheets_total == 2);
        CHECK(reader.eventsOf("first", 0, 10).size() == 5);
        CHECK(reader.stages("first", 1).size() == 1);
        CHECK(reader.cursor("first/jsonl#1") == 4);
        CHECK(integerOf("SELECT count(*) FROM sinks") == 1);
    }
};

}  // namespace

TEST_CASE_METHOD(OldHistoryFixture,
                 "a history of version 0.1.0 is read as it is, and migrated by an owner") {
    CHECK(HistoryReader(file).batch("first")->sheets_total == 2);
    CHECK(integerOf("SELECT count(*) FROM sinks") == 2);  // one of a removed batch
    checkMigrated();
    sqlite::Database copy(file.string() + ".version-1");
    CHECK(copy.integerOf("PRAGMA user_version") == 1);
    CHECK(copy.integerOf("SELECT count(*) FROM sinks") == 2);
}

TEST_CASE_METHOD(OldHistoryFixture, "the migration finds the doubts of stored readings and rows") {
    sqlite::Database(file).execute(R"sql(
DELETE FROM readings; DELETE FROM rows; DELETE FROM sheets;
INSERT INTO sheets(batch_id, number, file, page, path, state) VALUES
  ('first', 1, 'a', 1, '', 'read'), ('first', 2, 'b', 1, '', 'quarantined'),
  ('first', 3, 'c', 1, '', 'read'), ('first', 4, 'd', 1, '', 'read');
INSERT INTO readings VALUES
  ('first', 1, '["A"]', 'q1:faint;a:b:blank;torn;q9:by_hand', 0.3,
   '{"fields":{"q1":{"confidence":0.5}}}'),
  ('first', 2, '["A"]', 'q1:faint', 0.3, ''), ('first', 3, '["A"]', '', 0.75, 'no JSON'),
  ('first', 4, '["A"]', '', 1, '{}');
INSERT INTO rows VALUES
  ('first', 3, '["first","3","sheet:c","1","","","read","sheet:duplicate","A","0.750"]'),
  ('first', 4, '["first","4","sheet:d","1","","","read","","A","1.000"]');)sql");
    CHECK_FALSE(HistoryReader(file).batch("first")->sheets_doubtful);  // unknown before
    { History history(file, "owner"); }
    sqlite::Database database(file);
    sqlite::Statement list(database,
                           "SELECT number || ' ' || field || ':' || flag || ' ' || confidence "
                           "FROM doubts ORDER BY number, field");
    std::string all;
    while (list.step()) all += list.text(0) + ", ";
    CHECK(all == "1 a:b:blank 0.3, 1 q1:faint 0.5, 1 sheet:torn 0.3, 3 sheet:duplicate 0.75, ");
    const auto batch = HistoryReader(file).batch("first").value();
    CHECK(batch.sheets_doubtful == 2U);
    CHECK(batch.answers_doubtful == 2U);
}

TEST_CASE_METHOD(OldHistoryFixture, "a history of an earlier version has no shares") {
    HistoryReader reader(file);
    ShareReader shares(reader.database());
    CHECK_FALSE(shares.sharedWith("first", "bob"));
    CHECK(shares.revision() == 0);
    CHECK(reader.batches({.user = "bob"}).empty());
}

TEST_CASE_METHOD(OldHistoryFixture, "a history that lost its version number is migrated as well") {
    sqlite::Database(file).execute("PRAGMA user_version = 0");
    CHECK_THROWS_WITH(HistoryReader(file), Catch::Contains("migrates it"));
    checkMigrated();
}

TEST_CASE_METHOD(OldHistoryFixture, "a history of a later version is rejected and stays as it is") {
    sqlite::Database(file).execute("PRAGMA user_version = 99; CREATE TABLE later(x)");
    CHECK_THROWS_WITH(History(file, "owner"), Catch::Contains("version 99"));
    CHECK_THROWS_WITH(HistoryReader(file), Catch::Contains("version 99"));
    CHECK(integerOf("PRAGMA user_version") == 99);
    CHECK_FALSE(std::filesystem::exists(file.string() + ".version-99"));
}
