#include <future>
#include <random>

#include <catch2/catch.hpp>

#include "db_load_batch.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

TEST_CASE("db_load creates a typed table from the result columns") {
    for (const auto& target : targets()) {
        Batch batch(*target, 2);
        batch.set(2, "o'neil\t\\N \"x\" \n ✓", "", "");
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT batch_id, sheet + 1, page, score * 2, confidence FROM "
                            "omr_results WHERE sheet = 1") == "batch-1|2|1|-3.0|0.975");
        CHECK(target->query("SELECT student FROM omr_results WHERE sheet = 2") ==
              "o'neil\t\\N \"x\" \n ✓");
        CHECK(target->query("SELECT q1 = '', score IS NULL, status FROM omr_results WHERE sheet = "
                            "2") == (target->url()[0] == 's' ? "1|1|read" : "t|t|read"));
        CHECK(batch.run.progress().events().front().message == "Loading database");
        CHECK(batch.run.progress().lastMessage() == "Loaded 2 rows into omr_results");
    }
}

TEST_CASE("loading twice equals loading once, and the next execution brings rows up to date") {
    for (const auto& target : targets()) {
        Batch batch(*target, 10);
        batch.params["chunk_rows"] = {.text = "3"};
        REQUIRE(batch.load() == "done");
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "10");
        CHECK(target->query("SELECT count(*) FROM sheafline_load_progress") == "4");
        batch.set(5, "fixed", "B", "2");
        batch.run.nextExecution();
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*), count(DISTINCT student) FROM omr_results") ==
              "10|10");
        CHECK(target->query("SELECT student FROM omr_results WHERE sheet = 5") == "fixed");
    }
}

TEST_CASE("a load that continues after a stop loads each row once, also with another chunk size") {
    for (const auto& target : targets()) {
        Batch batch(*target, 100);
        batch.params["chunk_rows"] = {.text = "30"};
        batch.params["max_rejects"] = {.text = "0"};
        batch.set(95, "s95", "A", "no number");
        REQUIRE(batch.load() == "TOO_MANY_REJECTS");
        CHECK_THAT(batch.message, Catch::Contains("sheet 95") && Catch::Contains("score is no"));
        CHECK(target->query("SELECT count(*) FROM omr_results") == "90");
        batch.set(95, "s95", "A", "3");
        batch.params["chunk_rows"] = {.text = "7"};
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "100");
    }
}

TEST_CASE("a dropped table is filled again") {
    for (const auto& target : targets()) {
        Batch batch(*target, 5);
        REQUIRE(batch.load() == "done");
        target->query("DROP TABLE omr_results");
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "5");
    }
}

TEST_CASE("a table without a needed column is rejected with the column and the remedy", "[F31]") {
    for (const auto& target : targets()) {
        target->query(
            "CREATE TABLE omr_results (batch_id text, sheet integer, file text, page integer, qr "
            "text, \\\"group\\\" text, status text, flags text, pupil text, q1 text, confidence "
            "numeric, PRIMARY KEY (batch_id, sheet))");
        Batch batch(*target, 1);
        CHECK(batch.load() == "SCHEMA_DRIFT");
        CHECK(batch.message ==
              "table omr_results has no column 'student', 'score'; perhaps renamed to 'pupil'; "
              "load into another table, or run: ALTER TABLE \"omr_results\" ADD COLUMN "
              "\"student\" text; ALTER TABLE \"omr_results\" ADD COLUMN \"score\" numeric");
    }
}

TEST_CASE("a table without the key is rejected") {
    for (const auto& target : targets()) {
        Batch batch(*target, 1);
        REQUIRE(batch.load() == "done");
        target->query("CREATE TABLE keyless AS SELECT * FROM omr_results");
        batch.params["table"] = {.text = "keyless"};
        CHECK(batch.load() == "SCHEMA_DRIFT");
        CHECK_THAT(batch.message, Catch::Contains("primary key (batch_id, sheet)"));
    }
}

TEST_CASE("rows that cannot be stored are rejected with their reason, the others are loaded",
          "[F29]") {
    for (const auto& target : targets()) {
        Batch batch(*target, 50);
        REQUIRE(batch.load() == "done");
        target->query(
            "DROP TABLE omr_results; CREATE TABLE omr_results (batch_id text, sheet "
            "integer, file text, page integer, qr text, \\\"group\\\" text, status text, "
            "flags text, student text CHECK (length(student) < 6), q1 text, score "
            "numeric, confidence numeric, PRIMARY KEY (batch_id, sheet))");
        batch.set(7, "much too long", "A", "1");
        batch.set(20, "nul\0"s, "A", "1");
        batch.set(33, "s33", "A", "1e");
        batch.set(50, "=also too long", "A", "1");
        batch.params["max_rejects"] = {.text = "3"};
        CHECK(batch.load() == "TOO_MANY_REJECTS");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "0");
        batch.params["max_rejects"] = {.text = "4"};
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "46");
        CHECK(target->query("SELECT sheet FROM omr_results_rejects ORDER BY sheet") ==
              "7\n20\n33\n50");
        CHECK(batch.run.progress().lastMessage() == "Loaded 46 rows into omr_results (4 rejected)");
        const std::string file = batch.folder.read("batch/artifacts/rejects.csv");
        CHECK_THAT(file, Catch::StartsWith("sheet,file,reason\n7,") &&
                             Catch::Contains("student has a NUL byte"));

        // The next execution has other rows: no reject of the previous one remains.
        for (const int n : {7, 20, 33, 50}) batch.set(n, "ok", "A", "1");
        batch.run.nextExecution();
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "50");
        CHECK(target->query("SELECT count(*) FROM omr_results_rejects") == "0");
    }
}

TEST_CASE("impossible columns are rejected before anything is created") {
    SqliteTarget target;
    Batch batch(target, 1);
    batch.run.sheets().setColumns({"q1", "Q1", "x"});
    CHECK(batch.load() == "SCHEMA");
    CHECK_THAT(batch.message, Catch::Contains("two columns are called 'Q1'"));
}

TEST_CASE("an unusable SQLite file is rejected by name, without its path", "[F32]") {
    SqliteTarget target;
    Batch batch(target, 1);
    SECTION("no folder") {
        batch.params["url"] = {.text = "sqlite:/no/such/folder/r.db"};
        CHECK(batch.load() == "SINK_MISSING");
        CHECK_THAT(batch.message, Catch::StartsWith("database r.db: "));
    }
    SECTION("no database") {
        batch.folder.write("r.db", std::string(4096, 'x'));
        batch.params["url"] = {.text = "sqlite:" + (batch.folder / "r.db").string()};
        CHECK(batch.load() == "SINK_CORRUPT");
    }
    CHECK(batch.message.find("such/folder") == std::string::npos);
}

TEST_CASE("db_load reports certain failures before the batch starts and changes nothing",
          "[F26][F31]") {
    for (const auto& target : targets()) {
        const auto preflight = [&](const std::string& url) {
            try {
                makeStage("db_load", {{"url", {.text = url}}})->preflight({});
                return "fine"s;
            } catch (const Error& error) {
                return error.code();
            }
        };
        CHECK(preflight(target->url()) == "fine");
        Batch batch(*target, 1);
        REQUIRE(batch.load() == "done");
        CHECK(preflight(target->url()) == "fine");
        target->query("ALTER TABLE omr_results RENAME COLUMN status TO state");
        CHECK(preflight(target->url()) == "SCHEMA_DRIFT");
        CHECK(preflight("sqlite:/no/such/folder/r.db") == "SINK_MISSING");
        if (PostgresServer::installed()) {
            CHECK(preflight(server().url("wrong")) == "SINK_AUTH");
        }
    }
    const SqliteTarget target;
    makeStage("db_load", {{"url", {.text = target.url()}}})->preflight({});
    CHECK_FALSE(fs::exists(target.file()));
}

TEST_CASE("a load keeps the journal mode of the SQLite file") {
    SqliteTarget target;
    const std::string mode = GENERATE("wal", "delete");
    target.query("PRAGMA journal_mode = " + mode);
    Batch batch(target, 3);
    REQUIRE(batch.load() == "done");
    CHECK(target.query("PRAGMA journal_mode") == mode);
}

TEST_CASE("db_load reports what is wrong with a PostgreSQL server, never the password", "[F26]") {
    if (!PostgresServer::installed()) return;
    SqliteTarget unused;
    Batch batch(unused, 1);
    const auto load = [&](const std::string& url) {
        batch.params["url"] = {.text = url};
        std::string code = batch.load();
        CHECK(batch.message.find("hunter2") == std::string::npos);
        return code;
    };
    CHECK(load(server().url("hunter2")) == "SINK_AUTH");
    CHECK(load(server().url("secret", "nothing_here")) == "SINK_MISSING");
    CHECK(load(server().url("")) == "SINK_AUTH");
    CHECK(load("postgresql://tester:hunter2@127.0.0.1:1/x") == "SINK_UNAVAILABLE");
    CHECK(load("postgresql://tester:hunter2@[::1/x") == "SINK_URL");
    CHECK(load("postgresql://u:hunter2@h/x?no_such_option=1") == "SINK_URL");
}

TEST_CASE("a locked table is retried until the stage is stopped", "[F30]") {
    if (!PostgresServer::installed()) return;
    const PostgresTarget target;
    Batch batch(target, 5);
    REQUIRE(batch.load() == "done");
    batch.run.nextExecution();
    // Holds the lock until its input ends.
    FILE* holder = ::popen(("psql -X -q '" + server().url() + "'").c_str(), "w");
    std::fputs("BEGIN; LOCK TABLE omr_results;\n", holder);
    std::fflush(holder);
    const std::string waiting =
        "SELECT count(*) FROM pg_locks WHERE relation = "
        "'omr_results'::regclass AND ";
    while (target.query(waiting + "granted") == "0") {
    }
    auto outcome = std::async(std::launch::async, [&] { return batch.load(); });
    while (target.query(waiting + "NOT granted") == "0") {
    }
    batch.run.requestStop();
    CHECK(outcome.get() == "CANCELLED");
    ::pclose(holder);
}

TEST_CASE("PostgreSQL killed 20 times in mid-COPY ends up with exactly the expected rows",
          "[F27]") {
    if (!PostgresServer::installed()) return;
    const PostgresTarget target;
    constexpr int kRows = 60'000;
    Batch batch(target, kRows);
    for (int n = 1; n <= kRows; ++n) batch.set(n, std::string(600, 'x'), "A", "1");
    batch.params["chunk_rows"] = {.text = "10000"};
    std::mt19937 random(27);
    for (int kills = 0; kills < 20;) {
        auto outcome = std::async(std::launch::async, [&] { return batch.load(); });
        const std::string seen =
            "SELECT count(*) FROM pg_stat_progress_copy WHERE "
            "tuples_processed > " +
            std::to_string(random() % 5000);
        bool copying = false;
        while (!copying && outcome.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            copying = target.query(seen) == "1";
        }
        server().kill();
        const std::string code = outcome.get();
        if (copying && code == "SINK_UNAVAILABLE") ++kills;
        server().start();
        if (code == "done") {  // everything was loaded before the kill: start again
            target.query("DROP TABLE omr_results");
        }
    }
    REQUIRE(batch.load() == "done");
    CHECK(target.query("SELECT count(*), count(DISTINCT sheet), min(sheet), max(sheet), "
                       "min(length(student)) FROM omr_results") == "60000|60000|1|60000|600");
}
