#include "base/database_file.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr std::array kTwo{"CREATE TABLE t(a INTEGER NOT NULL) STRICT",
                          "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'new'"};
constexpr std::array kOne{kTwo[0]};
constexpr std::array kBroken{kTwo[0], "INSERT INTO t VALUES(7); INSERT INTO missing VALUES(1)"};

constexpr DatabaseFormat formatOf(std::span<const char* const> migrations) {
    return {.what = "the test", .migrations = migrations, .remedy = "restore a copy", .mode = 0600};
}

struct DatabaseFileFixture {
    TemporaryFolder folder{};
    std::filesystem::path file{folder / "t.db"};

    void makeVersion1() const {
        const auto database = openDatabase(file, formatOf(kOne));
        database->execute("INSERT INTO t VALUES(1), (2)");
    }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& item : std::filesystem::directory_iterator(folder.path()))
            found.push_back(item.path().filename().string());
        std::sort(found.begin(), found.end());
        return found;
    }
    // CODE: message of the Error that opening throws, or "opened".
    std::string openingWith(std::span<const char* const> migrations) const {
        try {
            openDatabase(file, formatOf(migrations));
            return "opened";
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
    }
};

}  // namespace

TEST_CASE_METHOD(DatabaseFileFixture,
                 "a new database is whole, private and of the newest version") {
    {
        const auto database = openDatabase(file, formatOf(kTwo));
        CHECK(database->integerOf("PRAGMA user_version") == 2);
        CHECK(database->textOf("PRAGMA journal_mode") == "wal");
        CHECK(database->integerOf("PRAGMA synchronous") == 2);
        struct stat status {};
        REQUIRE(::stat(file.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
    }
    CHECK(names() == std::vector<std::string>{"t.db"});
}

TEST_CASE_METHOD(DatabaseFileFixture, "an older database is migrated, and a copy of it is kept") {
    makeVersion1();
    {
        const auto database = openDatabase(file, formatOf(kTwo));
        CHECK(database->integerOf("PRAGMA user_version") == 2);
        CHECK(database->textOf("SELECT group_concat(a || b) FROM t") == "1new,2new");
    }
    CHECK(names() == std::vector<std::string>{"t.db", "t.db.version-1"});
    sqlite::Database copy(folder / "t.db.version-1");
    CHECK(copy.integerOf("PRAGMA user_version") == 1);
    CHECK(copy.integerOf("SELECT count(*) FROM t") == 2);
    struct stat status {};
    REQUIRE(::stat((folder / "t.db.version-1").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    openDatabase(file, formatOf(kTwo));
    CHECK(names().size() == 2);
}

TEST_CASE_METHOD(DatabaseFileFixture, "a migration that fails leaves the old version") {
    makeVersion1();
    CHECK_THAT(openingWith(kBroken), Catch::Contains("no such table: missing"));
    const auto database = openDatabase(file, formatOf(kOne));
    CHECK(database->integerOf("PRAGMA user_version") == 1);
    CHECK(database->integerOf("SELECT count(*) FROM t") == 2);
}

TEST_CASE_METHOD(DatabaseFileFixture, "a newer database and one of another program are rejected") {
    { sqlite::Database(file).execute("CREATE TABLE t(a); PRAGMA user_version = 3"); }
    CHECK_THAT(openingWith(kTwo), Catch::StartsWith("DATA_FOLDER: t.db has version 3") &&
                                      Catch::Contains("version 2 at most; run the newer program"));
    std::filesystem::remove(file);
    { sqlite::Database(file).execute("CREATE TABLE other(x)"); }
    CHECK_THAT(openingWith(kTwo),
               Catch::StartsWith("DATA_FOLDER: t.db has tables that no version"));
    CHECK(sqlite::Database(file).integerOf("SELECT count(*) FROM other") == 0);
}

TEST_CASE_METHOD(DatabaseFileFixture, "a database without a number is known by its tables") {
    makeVersion1();
    { sqlite::Database(file).execute("PRAGMA user_version = 0"); }
    CHECK(openingWith(kTwo) == "opened");
    CHECK(sqlite::Database(file).integerOf("SELECT count(*) FROM t WHERE b = 'new'") == 2);
    { sqlite::Database(file).execute("PRAGMA user_version = 0"); }
    CHECK(openingWith(kTwo) == "opened");
    CHECK(sqlite::Database(file).integerOf("PRAGMA user_version") == 2);
}

TEST_CASE_METHOD(DatabaseFileFixture, "a folder or a pipe in the place of a database is named") {
    const bool pipe = GENERATE(false, true);
    if (pipe) {
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    } else {
        std::filesystem::create_directory(file);
    }
    CHECK_THAT(openingWith(kOne), Catch::StartsWith("DATABASE_CORRUPT: t.db is damaged (it is not "
                                                    "a regular file); restore a copy"));
}

TEST_CASE_METHOD(DatabaseFileFixture, "every kind of damage is named with its remedy, each time") {
    makeVersion1();
    const std::string sound = folder.read("t.db");
    REQUIRE(sound.size() == 8192);
    const std::vector<std::string> damaged{
        "",                                                 // truncated to nothing
        sound.substr(0, 100),                               // the header alone
        sound.substr(0, 4096),                              // without its last page
        std::string(sound.size(), '\0'),                    // a lost page cache
        "not a database" + std::string(500, '.'),           // another file
        sound.substr(0, 4096) + std::string(4096, '\xAA'),  // a damaged page
        std::string(16, 'x') + sound.substr(16),            // a damaged header
    };
    for (const std::string& bytes : damaged) {
        INFO("the first of " << bytes.size() << " bytes: " << bytes.substr(0, 20));
        folder.write("t.db", bytes);
        for (int start = 0; start < 2; ++start) {
            CHECK_THAT(openingWith(kOne),
                       Catch::StartsWith("DATABASE_CORRUPT: t.db is damaged (") &&
                           Catch::Contains("); restore a copy"));
            CHECK(folder.read("t.db") == bytes);
        }
    }
    const auto aside = setDamagedFileAside(file);
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK_THAT(aside.filename().string(), Catch::StartsWith("t.db.corrupt-"));
    CHECK(std::filesystem::exists(aside));
}

TEST_CASE_METHOD(DatabaseFileFixture, "what a killed process left behind is removed") {
    const int child = ::fork();
    if (child == 0) ::_exit(0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    folder.write("t.db.new-" + std::to_string(child), "half a database");
    folder.write("t.db.new-" + std::to_string(child) + "-journal", "its journal");
    folder.write("t.db.version-1.new", "half a copy");
    folder.write("t.db.new-" + std::to_string(::getppid()), "of a living process");
    makeVersion1();
    openDatabase(file, formatOf(kTwo));
    CHECK(names() == std::vector<std::string>{"t.db", "t.db.new-" + std::to_string(::getppid()),
                                              "t.db.version-1"});
}
