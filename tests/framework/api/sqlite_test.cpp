#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sqlite3.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/file_descriptor.h>
#include <sheafline/sqlite/sqlite_error.h>
#include <sheafline/sqlite/statement.h>
#include <sheafline/sqlite/transaction.h>

#include "base/file_digest.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::sqlite::Database;
using sheafline::sqlite::SqliteError;
using sheafline::sqlite::Statement;
using sheafline::sqlite::Transaction;

namespace {

// The code of the error that `work` throws, or "none".
template <typename Work>
std::string codeOf(Work work) {
    try {
        work();
    } catch (const SqliteError& error) {
        return error.code();
    }
    return "none";
}

struct TableFixture {
    TemporaryFolder folder{};
    Database database{folder / "t.db"};

    TableFixture() { database.execute("CREATE TABLE t(a INTEGER, b TEXT) STRICT"); }
};

}  // namespace

TEST_CASE_METHOD(TableFixture, "every value returns from SQLite as it was bound") {
    Statement insert(database, "INSERT INTO t VALUES(?1, ?2)");
    const std::string bytes("a\0\xff", 3);
    insert.bind(1, std::numeric_limits<std::int64_t>::min()).bind(2, bytes).run();
    insert.bind(1, std::nullopt).bind(2, std::string_view()).run();
    insert.bind(1, std::uint64_t{7}).bindBorrowed(2, "").run();
    Statement select(database, "SELECT a, b FROM t ORDER BY rowid");
    REQUIRE(select.step());
    CHECK(select.integer(0) == std::numeric_limits<std::int64_t>::min());
    CHECK(select.text(1) == bytes);
    REQUIRE(select.step());
    CHECK(select.isNull(0));
    CHECK(select.optionalText(1) == std::optional(std::string()));
    REQUIRE(select.step());
    CHECK(select.integer(0) == 7);
    CHECK_FALSE(select.step());
}

TEST_CASE_METHOD(TableFixture,
                 "a bind that SQLite rejects throws instead of keeping the old value") {
    Statement insert(database, "INSERT INTO t VALUES(?1, ?2)");
    CHECK_THROWS_WITH(insert.bind(3, 1),
                      Catch::Contains("t.db") && Catch::Contains("out of range"));
    CHECK_THROWS_AS(insert.bind(0, "x"), SqliteError);
    CHECK_THROWS_WITH(insert.bind(1, std::numeric_limits<std::uint64_t>::max()),
                      Catch::Contains("18446744073709551615"));
    sqlite3_limit(database.handle(), SQLITE_LIMIT_LENGTH, 10);
    CHECK_THROWS_WITH(insert.bind(2, "eleven bytes"), Catch::Contains("too big"));
}

TEST_CASE_METHOD(TableFixture, "a bind between two rows throws, because SQLite would ignore it") {
    database.execute("INSERT INTO t VALUES(1, 'x'), (2, 'y')");
    Statement select(database, "SELECT a FROM t WHERE a >= ?1");
    REQUIRE(select.bind(1, 1).step());
    CHECK_THROWS_AS(select.bind(1, 2), SqliteError);
    select.reset();
    REQUIRE(select.bind(1, 2).step());
    CHECK(select.integer(0) == 2);
}

TEST_CASE_METHOD(TableFixture, "a column without a row, or beyond the row, throws") {
    Statement select(database, "SELECT a, b FROM t");
    CHECK_FALSE(select.step());
    CHECK_THROWS_WITH(select.text(0), Catch::Contains("no row"));
    CHECK_THROWS_AS(select.integer(0), SqliteError);
    database.execute("INSERT INTO t VALUES(1, 'x')");
    REQUIRE(select.step());
    CHECK_THROWS_WITH(select.text(2), Catch::Contains("column 2"));
    CHECK_THROWS_AS(select.isNull(-1), SqliteError);
}

TEST_CASE_METHOD(TableFixture,
                 "a step that fails throws the reason and leaves the statement usable") {
    database.execute("CREATE UNIQUE INDEX only ON t(a)");
    Statement insert(database, "INSERT INTO t VALUES(?1, 'x')");
    insert.bind(1, 1).run();
    CHECK_THROWS_WITH(insert.bind(1, 1).run(), Catch::Contains("UNIQUE"));
    insert.bind(1, 2).run();
    CHECK(database.integerOf("SELECT count(*) FROM t") == 2);
}

TEST_CASE_METHOD(TableFixture, "a transaction without commit leaves nothing") {
    {
        const Transaction transaction(database);
        database.execute("INSERT INTO t VALUES(1, 'x')");
        CHECK(database.inTransaction());
    }
    CHECK_FALSE(database.inTransaction());
    CHECK(database.integerOf("SELECT count(*) FROM t") == 0);
}

TEST_CASE_METHOD(TableFixture, "a lock that another connection keeps is a transient error") {
    Database other(folder / "t.db", {.lock_timeout = std::chrono::milliseconds(0)});
    const Transaction transaction(database);
    try {
        other.execute("BEGIN IMMEDIATE");
        FAIL("the lock was given twice");
    } catch (const SqliteError& error) {
        CHECK(error.code() == "DATABASE_BUSY");
        CHECK(error.errorClass() == ErrorClass::transient);
    }
    std::stop_source stop;
    stop.request_stop();
    Database stopped(folder / "t.db",
                     {.lock_timeout = std::chrono::hours(1), .stop = stop.get_token()});
    CHECK(codeOf([&] { stopped.execute("BEGIN IMMEDIATE"); }) == "DATABASE_BUSY");
}

TEST_CASE("an error of SQLite has the code that says what to do") {
    struct Case {
        int result, error_number;
        std::string code;
    };
    for (const auto& [result, error_number, code] :
         std::vector<Case>{{SQLITE_BUSY_SNAPSHOT, 0, "DATABASE_BUSY"},
                           {SQLITE_LOCKED, 0, "DATABASE_BUSY"},
                           {SQLITE_FULL, 0, "DISK_FULL"},
                           {SQLITE_IOERR_WRITE, ENOSPC, "DISK_FULL"},
                           {SQLITE_IOERR_FSYNC, EIO, "DISK_IO"},
                           {SQLITE_CANTOPEN, EROFS, "DISK_READONLY"},
                           {SQLITE_CANTOPEN, EACCES, "NOT_PERMITTED"},
                           {SQLITE_READONLY_DIRECTORY, 0, "DISK_READONLY"},
                           {SQLITE_CORRUPT_INDEX, 0, "DATABASE_CORRUPT"},
                           {SQLITE_NOTADB, 0, "DATABASE_CORRUPT"},
                           {SQLITE_MISUSE, 0, "DATABASE"}}) {
        INFO(result << " " << error_number);
        CHECK(SqliteError(result, error_number, "x.db", "why").code() == code);
    }
}

TEST_CASE("a file that is not a database is rejected by name") {
    const TemporaryFolder folder;
    folder.write("text.db", std::string(200, 'x'));
    CHECK(codeOf([&] { Database(folder / "text.db").integerOf("PRAGMA user_version"); }) ==
          "DATABASE_CORRUPT");
    CHECK(codeOf([&] { Database(folder / "missing/x.db"); }) == "DISK_IO");
    CHECK_THROWS_WITH(Database(folder / "missing.db", {.mode = sqlite::OpenMode::read_only}),
                      Catch::Contains("missing.db: cannot open"));
}

TEST_CASE_METHOD(TableFixture, "a database knows which files this process has open") {
    const auto file = folder / "t.db";
    std::filesystem::create_symlink(file, folder / "link.db");
    folder.write("other", "x");
    CHECK(sqlite::isOpenInThisProcess(file));
    CHECK(sqlite::isOpenInThisProcess(folder / "link.db"));
    CHECK_FALSE(sqlite::isOpenInThisProcess(folder / "other"));
    CHECK_FALSE(sqlite::isOpenInThisProcess(folder / "missing"));
    {
        const Database second(file);
        CHECK(sqlite::isOpenInThisProcess(file));
    }
    CHECK(sqlite::isOpenInThisProcess(file));
    { const Database brief(folder / "brief.db"); }
    CHECK_FALSE(sqlite::isOpenInThisProcess(folder / "brief.db"));
}

TEST_CASE_METHOD(TableFixture, "a database is read whole and copied without a second descriptor") {
    database.useWriteAheadLog();
    for (int i = 0; i < 200; ++i)
        Statement(database, "INSERT INTO t VALUES(?1, ?2)")
            .bind(1, i)
            .bind(2, std::string(900, 'x'))
            .run();
    database.copyTo(folder / "copy.db");
    Database copy(folder / "copy.db");
    CHECK(copy.integerOf("SELECT count(*) FROM t") == 200);
    CHECK_THROWS_AS(database.copyTo(folder / "copy.db"), SqliteError);

    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    std::size_t bytes = 0;
    database.readAll([&](std::string_view block) { bytes += block.size(); });
    CHECK(bytes == std::filesystem::file_size(folder / "t.db"));
}

TEST_CASE_METHOD(TableFixture, "no code reads the file of an open database beside SQLite") {
    std::filesystem::create_symlink(folder / "t.db", folder / "link.db");
    for (const char* name : {"t.db", "link.db"}) {
        INFO(name);
        CHECK_THROWS_WITH(openFile(folder / name, O_RDONLY), Catch::Contains("close the database"));
        CHECK_THROWS_WITH(sha256OfFile(folder / name), Catch::Contains(name));
        CHECK_THROWS_WITH(syncFile(folder / name), Catch::Contains(name));
    }
    { const Database brief(folder / "closed.db"); }
    CHECK_NOTHROW(sha256OfFile(folder / "closed.db"));
}
