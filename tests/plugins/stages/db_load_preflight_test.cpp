// Causes of a failing load are found before the first sheet is read.
#include <string>

#include <catch2/catch.hpp>

#include "db_load_batch.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

const char* const kColumns =
    "batch_id text, sheet integer, file text, page integer, qr text, \\\"group\\\" text, "
    "status text, flags text, student text, q1 text, score numeric, confidence numeric";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

// A server with TLS and a self-signed certificate.
std::string tlsUrl(const PostgresServer& server, const std::string& options) {
    return server.url() + "?" + options;
}

}  // namespace

TEST_CASE("a preflight that finds nothing wrong leaves nothing behind") {
    for (const auto& target : targets()) {
        Batch batch(*target, 3);
        if (target->url().starts_with("sqlite")) target->query("CREATE TABLE other (x)");
        CHECK(batch.preflight() == "done");
        INFO(batch.message);
        const std::string tables =
            target->url().starts_with("sqlite")
                ? "SELECT count(*) FROM sqlite_master WHERE name <> 'other'"
                : "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        CHECK(target->query(tables) == "0");
        CHECK(batch.load() == "done");
        CHECK(batch.preflight() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "3");
    }
}

TEST_CASE("a table that lacks a column or its key fails the preflight") {
    for (const auto& target : targets()) {
        Batch batch(*target, 1);
        target->query(std::string("CREATE TABLE keyless (") + kColumns + ")");
        target->query(std::string("CREATE TABLE renamed (") +
                      replaced(kColumns, "confidence", "certainty") +
                      ", PRIMARY KEY (batch_id, sheet))");
        batch.params["table"] = {.text = "keyless"};
        CHECK(batch.preflight() == "SCHEMA_DRIFT");
        batch.params["table"] = {.text = "renamed"};
        CHECK(batch.preflight() == "SCHEMA_DRIFT");
        CHECK(batch.message ==
              "table renamed has no column 'confidence'; load into another table, or run: ALTER "
              "TABLE \"renamed\" ADD COLUMN \"confidence\" numeric");
    }
}

TEST_CASE("a role that lacks a right of the load fails the preflight") {
    if (!PostgresServer::installed()) return;
    const PostgresTarget target;
    Batch batch(target, 2);
    REQUIRE(batch.load() == "done");
    target.query(
        "DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN PASSWORD 'secret'; "
        "GRANT USAGE ON SCHEMA public TO weak");
    batch.params["url"] = {.text = replaced(target.url(), "tester", "weak")};
    CHECK(batch.preflight() == "SINK_PERMISSION");
    target.query("GRANT SELECT, INSERT, UPDATE ON omr_results TO weak");
    CHECK(batch.preflight() == "SINK_PERMISSION");
    target.query("GRANT SELECT, INSERT ON sheafline_load_progress TO weak");
    target.query("GRANT SELECT, INSERT, DELETE ON omr_results_rejects TO weak");
    CHECK(batch.preflight() == "done");
    INFO(batch.message);
    batch.run.nextExecution();
    CHECK(batch.load() == "done");
    batch.params["max_rejects"] = {.text = "5"};  // rows may be deleted then
    CHECK(batch.preflight() == "SINK_PERMISSION");
    batch.params["max_rejects"] = {.text = "0"};
    target.query("REVOKE UPDATE ON omr_results FROM weak");
    CHECK(batch.preflight() == "SINK_PERMISSION");
    batch.params["table"] = {.text = "new_table"};  // which it must not create
    CHECK(batch.preflight() == "SINK_PERMISSION");
    target.query("DROP OWNED BY weak; DROP ROLE weak");
}

TEST_CASE("a table may be named with its schema") {
    if (PostgresServer::installed()) {
        const PostgresTarget target;
        target.query("DROP SCHEMA IF EXISTS exams CASCADE; CREATE SCHEMA exams");
        Batch batch(target, 4);
        batch.params["table"] = {.text = "exams.results"};
        CHECK(batch.preflight() == "done");
        REQUIRE(batch.load() == "done");
        CHECK(target.query("SELECT count(*) FROM exams.results") == "4");
        CHECK(target.query("SELECT table_name FROM exams.sheafline_load_progress") ==
              "exams.results");
        batch.params["table"] = {.text = "missing.results"};
        CHECK(batch.preflight() == "SINK_MISSING");
        CHECK_THAT(batch.message, Catch::EndsWith("; create the schema"));
    }
    const SqliteTarget target;
    Batch batch(target, 4);
    batch.params["table"] = {.text = "main.results"};
    REQUIRE(batch.load() == "done");
    CHECK(target.query("SELECT count(*) FROM results") == "4");
}

TEST_CASE("a host without an address and a server without trust are not tried again") {
    if (!PostgresServer::installed()) return;
    const PostgresTarget target;
    Batch batch(target, 1);
    batch.params["url"] = {.text = "postgresql://u:p@no-such-host.invalid/db"};
    CHECK(batch.preflight() == "SINK_HOST");
    CHECK_THAT(batch.message, Catch::EndsWith("; check the host in the URL"));
    CHECK(batch.message.find("no-such-host") == std::string::npos);  // users see it
    batch.params["url"] = {.text = "postgresql://u:secret@127.0.0.1:1/db"};
    CHECK(batch.preflight() == "SINK_UNAVAILABLE (transient)");
    CHECK(batch.message ==
          "PostgreSQL: cannot connect: Connection refused Is the server running "
          "on that host and accepting TCP/IP connections?");

    // Without TLS at the server, and with a root certificate that is not a file.
    batch.params["url"] = {.text = tlsUrl(server(), "sslmode=require")};
    CHECK(batch.preflight() == "SINK_TLS");
    batch.params["url"] = {.text = tlsUrl(server(), "sslmode=verify-full&sslrootcert=/no/such")};
    CHECK(batch.preflight() == "SINK_TLS");

    server().useTls();
    batch.params["url"] = {.text = tlsUrl(server(), "sslmode=require")};
    CHECK(batch.preflight() == "done");
    for (const std::string mode : {"verify-ca", "verify-full"}) {
        batch.params["url"] = {
            .text = tlsUrl(server(),
                           "sslmode=" + mode + "&sslrootcert=/etc/ssl/certs/ca-certificates.crt")};
        CHECK(batch.preflight() == "SINK_TLS");
        CHECK(batch.load() == "SINK_TLS");
        CHECK_THAT(batch.message, Catch::Contains("certificate verify failed"));
    }
    const std::string trusted = "&sslrootcert=" + server().certificate().string();
    batch.params["url"] = {.text = tlsUrl(server(), "sslmode=verify-full" + trusted)};
    CHECK(batch.preflight() == "done");
    // The certificate is for 127.0.0.1.
    batch.params["url"] = {.text = replaced(tlsUrl(server(), "sslmode=verify-full" + trusted),
                                            "127.0.0.1", "localhost")};
    CHECK(batch.preflight() == "SINK_TLS");
}
