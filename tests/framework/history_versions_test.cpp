// Histories of earlier versions of the program, and of later ones.
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
    void checkMigrated() {
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
