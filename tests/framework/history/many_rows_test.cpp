// Statements for many rows, on both stores.
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/changes/event_rows.h"
#include "history/stores/open_history.h"
#include "history_place.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

struct ManyRowsFixture {
    const TemporaryFolder folder{};
    const std::unique_ptr<sql::Database> database = openHistory(historyPlace(folder));

    std::string rows(const std::string& select) const {
        sql::Statement read(*database, select);
        std::string text;
        while (read.step()) text += read.text(0) + "|";
        return text;
    }
    void addSheets(int first, int last) const {
        sql::Statement add(*database,
                           "INSERT INTO sheets(batch_id, number, file, page, path, state, reason) "
                           "VALUES(?1,?2,?3,?4,'',?5,'')",
                           sql::Rows::many);
        for (int number = first; number <= last; ++number)
            add.bind(1, "b").bind(2, number).bind(3, "a").bind(4, 1).bind(5, "waiting").addRow();
        add.runRows();
    }
};

}  // namespace

TEST_CASE_METHOD(ManyRowsFixture, "a statement for many rows inserts, changes and deletes each") {
    const sql::Transaction open(*database);
    addSheets(1, 2'500);  // more than one statement of PostgreSQL takes
    sql::Statement change(*database,
                          "UPDATE sheets SET qr = coalesce(?3, qr), reason = ?4 WHERE batch_id = "
                          "?1 AND number = ?2",
                          sql::Rows::many);
    const std::string odd = "a\"b\\c{},NULL ' ü";
    change.bind(1, "b").bind(2, 1).bind(3, "C1").bind(4, odd).addRow();
    change.bind(2, 2).bind(3, std::nullopt).bind(4, "").addRow();
    change.bind(2, 9'999).bind(4, "no such sheet").addRow();
    change.runRows();
    sql::Statement remove(*database, "DELETE FROM sheets WHERE batch_id = ?1 AND number = ?2",
                          sql::Rows::many);
    for (int number = 4; number <= 2'500; ++number) remove.bind(1, "b").bind(2, number).addRow();
    remove.runRows();
    remove.runRows();  // of no rows
    CHECK(rows("SELECT number || ':' || qr || ':' || reason FROM sheets ORDER BY number") ==
          "1:C1:" + odd + "|2::|3::|");
}

TEST_CASE_METHOD(ManyRowsFixture, "a statement for many rows replaces rows and keeps all numbers") {
    const sql::Transaction open(*database);
    sql::Statement put(*database,
                       "INSERT INTO readings VALUES(?1,?2,'[]','',?3,'{}') ON CONFLICT(batch_id, "
                       "number) DO UPDATE SET confidence=excluded.confidence",
                       sql::Rows::many);
    put.bind(1, "b").bind(2, std::numeric_limits<std::int64_t>::max()).bind(3, 0.1).addRow();
    put.bind(2, -1).bind(3, -2.5).addRow();
    put.runRows();
    put.bind(2, -1).bind(3, 0.75).addRow();
    put.runRows();
    sql::Statement read(*database, "SELECT number, confidence FROM readings ORDER BY number");
    REQUIRE(read.step());
    CHECK(read.integer(0) == -1);
    CHECK(read.real(1) == 0.75);
    REQUIRE(read.step());
    CHECK(read.integer(0) == std::numeric_limits<std::int64_t>::max());
    CHECK(read.real(1) == 0.1);
}

TEST_CASE_METHOD(ManyRowsFixture, "rows of a transaction that was rolled back are not written") {
    sql::Statement add(*database, "INSERT INTO removed VALUES(?1)", sql::Rows::many);
    {
        const sql::Transaction undone(*database);
        add.bind(1, "undone").addRow();
    }
    sql::Transaction kept(*database);
    add.bind(1, "kept").addRow();
    add.runRows();
    kept.commit();
    CHECK(rows("SELECT batch_id FROM removed") == "kept|");
}

TEST_CASE_METHOD(ManyRowsFixture, "a row that the tables refuse fails a transaction of many rows") {
    sql::Transaction open(*database);
    addSheets(1, 3);
    CHECK_THROWS_AS(
        [&] {
            addSheets(3, 3);
            open.commit();
        }(),
        Error);
}

TEST_CASE_METHOD(ManyRowsFixture, "events are inserted in their order with ids in a row") {
    EventRows events(*database);
    const sql::Transaction open(*database);
    events.add({.batch_id = "a", .seq = 1, .json = "{}"});
    events.add({.batch_id = "b", .seq = 7, .execution = 2, .json = "{\"x\":1}"});
    events.add({.batch_id = "c", .seq = 1, .json = "of a change that failed"});
    events.truncate(2);
    events.insert(41);
    CHECK(events.size() == 0);
    events.add({.batch_id = "a", .seq = 2, .json = "{}"});
    events.insert(43);
    events.insert(44);  // nothing
    CHECK(
        rows("SELECT event_id || ':' || batch_id || ':' || seq || ':' || execution || ':' || json "
             "FROM events ORDER BY event_id") == "41:a:1:1:{}|42:b:7:2:{\"x\":1}|43:a:2:1:{}|");
}
