// Databases that disappear, reject a connection, or fail in the middle.
#include <future>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "commit_cutter.h"
#include "db_load_batch.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

int portOf(const std::string& url) {
    const auto colon = url.rfind(':');
    return std::stoi(url.substr(colon + 1));
}

std::string withPort(std::string url, int port) {
    const auto colon = url.rfind(':') + 1;
    return url.replace(colon, url.find('/', colon) - colon, std::to_string(port));
}

// Every insert into the table fails with an error of this SQLSTATE.
void refuseWith(const Target& target, const std::string& sqlstate) {
    target.query(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \\$\\$ BEGIN "
        "RAISE EXCEPTION 'as asked' USING ERRCODE = '" +
        sqlstate +
        "'; END \\$\\$; DROP TRIGGER IF EXISTS refuses ON omr_results; CREATE TRIGGER refuses "
        "BEFORE INSERT ON omr_results FOR EACH ROW EXECUTE FUNCTION refuse()");
}

}  // namespace

TEST_CASE("a connection lost between COMMIT and its reply neither duplicates nor loses rows",
          "[F28]") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed");
        return;
    }
    const PostgresTarget target;
    CommitCutter cutter(portOf(target.url()));
    Batch batch(target, 100);
    batch.params["chunk_rows"] = {.text = "30"};
    batch.params["url"] = {.text = withPort(target.url(), cutter.port())};
    int attempts = 0;
    std::string code;
    for (int commit = 1; commit <= 6 && code != "done"; ++commit) {
        cutter.cutAt(commit);
        code = batch.load();
        ++attempts;
        CHECK((code == "done" || code == "SINK_UNAVAILABLE"));
    }
    cutter.cutAt(0);
    if (code != "done") REQUIRE(batch.load() == "done");
    CHECK(cutter.cuts() >= 2);
    CHECK(target.query("SELECT count(*), count(DISTINCT sheet), sum(sheet) FROM omr_results") ==
          "100|100|5050");
    CHECK(target.query("SELECT max(last_sheet) FROM sheafline_load_progress") == "100");
}

TEST_CASE("transient and permanent errors are distinguished by PostgreSQL's error codes",
          "[F26][F30]") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed");
        return;
    }
    struct Case {
        const char* sqlstate;
        const char* code;
    };
    const PostgresTarget target;
    Batch batch(target, 5);
    REQUIRE(batch.load() == "done");
    for (const Case& one : {Case{"40P01", "SINK_UNAVAILABLE"}, Case{"40001", "SINK_UNAVAILABLE"},
                            Case{"55P03", "SINK_UNAVAILABLE"}, Case{"57014", "SINK_UNAVAILABLE"},
                            Case{"53300", "SINK_UNAVAILABLE"}, Case{"53100", "DISK_FULL"},
                            Case{"42501", "SINK_PERMISSION"}}) {
        INFO(one.sqlstate);
        refuseWith(target, one.sqlstate);
        batch.run.nextExecution();
        CHECK(batch.load() == one.code);
        CHECK(target.query("SELECT count(*) FROM omr_results") == "5");
    }
    target.query("DROP TRIGGER refuses ON omr_results");
    CHECK(batch.load() == "done");

    target.query(
        "DROP ROLE IF EXISTS crowded; CREATE ROLE crowded LOGIN PASSWORD 'secret' "
        "CONNECTION LIMIT 0");
    std::string url = target.url();
    url.replace(url.find("tester"), 6, "crowded");
    batch.params["url"] = {.text = url};
    CHECK(batch.load() == "SINK_UNAVAILABLE");
    CHECK_THAT(batch.message, Catch::Contains("too many connections"));
    target.query("DROP ROLE crowded");
}

TEST_CASE("a row with bytes or numbers that the table cannot store is rejected alone", "[F29]") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed");
        return;
    }
    const PostgresTarget target;
    target.query(
        "CREATE TABLE omr_results (batch_id text, sheet integer, file text, page integer, qr text, "
        "\\\"group\\\" text, status text, flags text, student varchar(6), q1 text, score "
        "numeric(3,1), confidence numeric, PRIMARY KEY (batch_id, sheet))");
    Batch batch(target, 40);
    batch.set(5, "far too long", "A", "1");
    batch.set(11, "s11", "A", "12345");
    batch.set(30, "s\xff\xfe", "A", "1");
    batch.params["max_rejects"] = {.text = "3"};
    REQUIRE(batch.load() == "done");
    CHECK(target.query("SELECT count(*) FROM omr_results") == "37");
    CHECK(target.query("SELECT string_agg(sheet::text, ' ' ORDER BY sheet) FROM "
                       "omr_results_rejects") == "5 11 30");
    CHECK(target.query("SELECT count(*) FROM omr_results_rejects WHERE reason = ''") == "0");
}

TEST_CASE("a rejected row is found among many others of its chunk", "[F29]") {
    constexpr int kRows = 3000;
    for (const auto& target : targets()) {
        target->query(
            "CREATE TABLE omr_results (batch_id text, sheet integer, file text, page integer, qr "
            "text, \\\"group\\\" text, status text, flags text, student text CHECK "
            "(length(student) "
            "< 601), q1 text, score numeric, confidence numeric, PRIMARY KEY (batch_id, sheet))");
        Batch batch(*target, kRows);
        for (int n = 1; n <= kRows; ++n) batch.set(n, std::string(600, 'x'), "A", "1");
        batch.set(17, "s17", "A", "no number");
        batch.set(2500, std::string(601, 'x'), "A", "1");
        batch.params["max_rejects"] = {.text = "2"};
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "2998");
        CHECK(target->query("SELECT sheet FROM omr_results_rejects ORDER BY sheet") == "17\n2500");
    }
}

TEST_CASE(
    "a batch with a missing row is loaded up to the previous chunk, and the error names the row") {
    for (const auto& target : targets()) {
        Batch batch(*target, 50);
        batch.params["chunk_rows"] = {.text = "20"};
        batch.run.sheets().setRow(33, {});
        CHECK(batch.load() == "ROW_MISSING");
        CHECK_THAT(batch.message, Catch::Contains("sheet 33 has no row"));
        CHECK(target->query("SELECT count(*) FROM omr_results") == "20");
        batch.set(33, "s33", "A", "1");
        CHECK(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "50");
    }
}

TEST_CASE("a locked SQLite file is retried until the stage is stopped", "[F32]") {
    const SqliteTarget target;
    Batch batch(target, 5);
    REQUIRE(batch.load() == "done");
    batch.run.nextExecution();
    FILE* holder = ::popen(("sqlite3 '" + target.file().string() + "'").c_str(), "w");
    // It waits for the lock: held() below takes the lock repeatedly.
    std::fputs(
        ".timeout 60000\nBEGIN EXCLUSIVE;\n"
        "INSERT INTO omr_results_rejects VALUES ('x', 1, 'held');\n",
        holder);
    std::fflush(holder);
    const auto held = [&] {
        try {
            target.query("BEGIN IMMEDIATE; ROLLBACK");
            return false;
        } catch (const std::exception&) {
            return true;
        }
    };
    while (!held()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    auto outcome = std::async(std::launch::async, [&] { return batch.load(); });
    CHECK(outcome.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
    SECTION("it lets go") {
        std::fputs("ROLLBACK;\n", holder);
        std::fflush(holder);
        CHECK(outcome.get() == "done");
    }
    SECTION("the stage is stopped") {
        batch.run.requestStop();
        CHECK(outcome.get() == "CANCELLED");
    }
    ::pclose(holder);
}
