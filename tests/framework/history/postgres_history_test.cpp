// What only a history in PostgreSQL can meet: a lost connection, a second writer, a server that
// refuses.
#include <atomic>
#include <future>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "child_server.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "history/stores/copy_history.h"
#include "history/stores/open_history.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// An own server: these cases kill it.
struct PostgresFixture {
    PostgresServer server{};
    const sql::Place place{"history.db", server.url()};

    std::string opened(const std::string& url) const {
        try {
            const History history({"history.db", url}, "owner");
            return "opened";
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
    }
    std::string read() const {
        try {
            const HistoryReader reader(place);
            return "opened";
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
    }
};

Change created(const std::string& id) {
    return {.batch_id = id,
            .create = NewBatch{.pipeline = "omr", .params = "{}"},
            .events = {{.stage = "queued", .message = "m"}}};
}

Change reported(const std::string& id, int number) {
    return {.batch_id = id, .events = {{.stage = "s", .message = std::to_string(number)}}};
}

}  // namespace

TEST_CASE_METHOD(PostgresFixture, "two writers of one database change one batch in turns",
                 "[postgresql]") {
    History first(place, "one");
    History second(place, "two");
    first.commit(created("b"));
    for (int i = 0; i < 10; ++i) (i % 2 == 0 ? second : first).commit(reported("b", i));
    HistoryReader reader(place);
    const auto events = reader.eventsOf("b", 0, 100);
    REQUIRE(events.size() == 11);
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].seq == i + 1);
    CHECK(reader.batch("b").value().seq == 11);
}

TEST_CASE_METHOD(PostgresFixture,
                 "a history that PostgreSQL refuses names the place and the remedy",
                 "[postgresql]") {
    CHECK_THAT(opened(server.url("wrong-word")),
               Catch::StartsWith("HISTORY_ACCESS") && Catch::Contains("127.0.0.1") &&
                   Catch::Contains("check the user and the password") &&
                   !Catch::Contains("wrong-word"));
    CHECK_THAT(opened(server.url("secret", "nowhere")), Catch::StartsWith("HISTORY_ACCESS") &&
                                                            Catch::Contains("nowhere") &&
                                                            Catch::Contains("create the database"));
    CHECK_THAT(opened("postgresql://tester:secret@127.0.0.1:1/postgres"),
               Catch::StartsWith("HISTORY_UNAVAILABLE") && Catch::Contains("127.0.0.1:1") &&
                   !Catch::Contains("secret"));
    CHECK_THAT(opened("postgresql://tester:secret@[broken"),
               Catch::StartsWith("HISTORY_URL") && !Catch::Contains("secret"));
    CHECK_THAT(read(), Catch::StartsWith("NO_HISTORY") && Catch::Contains("database postgres"));
    server.query(
        "CREATE ROLE weak LOGIN PASSWORD 'secret'; REVOKE CREATE ON DATABASE postgres FROM PUBLIC");
    std::string url = server.url();
    CHECK_THAT(opened(url.replace(url.find("tester"), 6, "weak")),
               Catch::StartsWith("HISTORY_ACCESS") && Catch::Contains("grant the user CREATE"));
}

TEST_CASE_METHOD(PostgresFixture, "a history in PostgreSQL of a newer program is not opened",
                 "[postgresql]") {
    { const History history(place, "one"); }
    server.query("UPDATE sheafline.schema_version SET number = 99");
    CHECK_THAT(opened(server.url()), Catch::StartsWith("HISTORY_TOO_NEW") && Catch::Contains("99"));
    CHECK_THAT(read(), Catch::StartsWith("HISTORY_TOO_NEW") && Catch::Contains("99"));
}

TEST_CASE_METHOD(PostgresFixture, "readers and the writer continue after a restart of PostgreSQL",
                 "[postgresql]") {
    History history(place, "one");
    history.commit(created("b"));
    HistoryReader reader(place);
    CHECK(reader.eventsOf("b", 0, 100).size() == 1);
    server.kill();
    server.start();
    CHECK(reader.eventsOf("b", 0, 100).size() == 1);
    history.commit(reported("b", 1));
    CHECK(reader.eventsOf("b", 0, 100).size() == 2);
    CHECK(history.lastEventId() == 2);
}

TEST_CASE_METHOD(PostgresFixture,
                 "a kill of PostgreSQL under load loses no change and doubles none",
                 "[postgresql]") {
    constexpr int kChanges = 400;
    History history(place, "one");
    history.commit(created("b"));
    std::atomic<int> committed = 0;
    std::atomic<int> rejected = 0;
    std::jthread writer([&] {
        for (int i = 0; i < kChanges; ++i) {
            history.submit(reported("b", i), [&](const std::exception_ptr& error) {
                ++(error ? rejected : committed);
                committed.notify_all();
            });
        }
    });
    for (int kills = 1; kills <= 3; ++kills) {
        int seen = 0;
        while ((seen = committed) < kills * 20) committed.wait(seen);
        server.kill();
        server.start();
    }
    writer.join();
    history.commit(reported("b", kChanges));  // after all others
    CHECK(committed == kChanges);
    CHECK(rejected == 0);
    HistoryReader reader(place);
    std::uint64_t seq = 0;
    std::int64_t event_id = 0;
    bool in_order = true;
    for (const CommittedEvent& event : reader.eventsOf("b", 0, 10'000)) {
        in_order = in_order && event.seq == seq + 1 && event.event_id == event_id + 1;
        seq = event.seq;
        event_id = event.event_id;
    }
    CHECK(in_order);
    CHECK(seq == kChanges + 2);
}

namespace {

// All that a history says about batch `b`, as text.
std::string contentsOf(const sql::Place& place) {
    HistoryReader reader(place);
    std::string all;
    for (const CommittedEvent& event : reader.eventsAfter(0, 10'000))
        all += std::to_string(event.event_id) + ' ' + event.batch_id + ' ' + event.json + '\n';
    for (const BatchRow& batch : reader.batches({})) {
        all +=
            batch.batch_id + ' ' + batch.name + ' ' + batch.created_at + ' ' + batch.labels + '\n';
        for (const Sheet& sheet : reader.sheets(batch.batch_id)) {
            all += std::to_string(sheet.number) + ' ' + sheet.file + ' ' + sheet.qr;
            if (const auto reading = reader.reading(batch.batch_id, sheet.number))
                all += ' ' + reading->values.at(0) + ' ' + std::to_string(reading->confidence);
            all += '\n';
        }
        for (const StageRow& stage : reader.stages(batch.batch_id, 1))
            all += stage.stage_id + ' ' + stage.checkpoint.value_or("none") + '\n';
    }
    return all + std::to_string(reader.cursor("sink").value_or(-1)) + ' ' +
           std::to_string(reader.lastEventId());
}

}  // namespace

TEST_CASE_METHOD(PostgresFixture, "a connection that PostgreSQL has ended is opened again",
                 "[postgresql]") {
    const auto tables = openTables(server.url());
    sql::Statement add(*tables, "INSERT INTO removed VALUES(?1)");
    for (const char* id : {"a", "b", "c"}) {
        add.bind(1, id).run();
        server.stopImmediately();
        server.start();
    }
    add.bind(1, "d").run();
    CHECK(server.query("SELECT count(*) FROM sheafline.removed") == "4");
}

// Its last message can be read, but nothing can be written.
TEST_CASE_METHOD(PostgresFixture, "a connection that PostgreSQL ends between two statements fails",
                 "[postgresql]") {
    const auto tables = openTables(server.url());
    for (int i = 0; i < 3; ++i) {
        tables->begin();
        server.stopImmediately();
        server.start();
        const auto add = [&] {
            sql::Statement row(*tables, "INSERT INTO removed VALUES(?1)");
            for (int part = 0; part < 5; ++part) row.bind(1, std::string(100'000, 'x')).run();
            tables->commit();
        };
        try {
            add();
            FAIL("it was stored");
        } catch (const Error& error) {
            CHECK(error.code() == "HISTORY_UNAVAILABLE");
        }
        tables->rollback();
    }
}

// Its id is given to another transaction after the crash, which is committed.
TEST_CASE_METHOD(PostgresFixture, "a change is sent again when PostgreSQL crashes in its COMMIT",
                 "[postgresql]") {
    server.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
    server.query("SELECT pg_reload_conf()");
    server.query("CREATE ROLE writer LOGIN SUPERUSER PASSWORD 'secret'");
    std::string url = server.url();
    History history({"history.db", url.replace(url.find("tester"), 6, "writer")}, "one");
    history.commit(created("b"));
    server.query("CREATE TABLE started AS SELECT pg_postmaster_start_time() AS at");
    server.query(
        "CREATE FUNCTION wait() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN IF (SELECT at FROM "
        "public.started) = pg_postmaster_start_time() THEN PERFORM pg_sleep(600); END IF; RETURN "
        "NULL; END'");
    server.query(
        "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON sheafline.events DEFERRABLE INITIALLY "
        "DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()");
    server.query("ALTER ROLE writer NOLOGIN");  // not before the other transaction
    std::promise<std::exception_ptr> done;
    history.submit(reported("b", 1),
                   [&](const std::exception_ptr& error) { done.set_value(error); });
    const std::string waiting = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    std::string id;
    while (id.empty()) id = server.query("SELECT backend_xid " + waiting);
    server.kill();
    server.start();
    server.query("CREATE TABLE other AS SELECT pg_current_xact_id()::xid AS id");
    REQUIRE(server.query("SELECT id FROM other") == id);
    server.query("ALTER ROLE writer LOGIN");
    CHECK(done.get_future().get() == nullptr);
    HistoryReader reader(place);
    CHECK(reader.eventsOf("b", 0, 100).size() == 2);
}

TEST_CASE_METHOD(PostgresFixture, "a copied history has the same events, bytes and cursors",
                 "[postgresql]") {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder / "history.db";
    {
        History history(file, "owner");
        for (const std::string id : {"b", "c", "gone"}) {
            history.commit(created(id));
            history.commit(
                {.batch_id = id,
                 .plan = {{.stage_id = "one"}},
                 .stages = {{.stage_id = "one", .checkpoint = std::string("a\0\xff", 3)}},
                 .new_sheets = {{.number = 1, .file = "Zürich \"1\".jpg"}},
                 .freeze_sheets = true,
                 .events = {{.stage = "s", .message = "ä\n\u2028"}}});
            history.commit({.batch_id = id,
                            .sheets = {{.number = 1,
                                        .qr = "7",
                                        .state = SheetState::read,
                                        .reading = Reading{.values = {"A"},
                                                           .flags = "q1:faint",
                                                           .confidence = 0.1234567890123456}}}});
        }
        history.commit(
            {.batch_id = "gone", .state = BatchState::completed, .events = {{.stage = "s"}}});
        history.commit({.batch_id = "gone", .remove = true});  // had the newest event
        history.setCursor("sink", 3);
    }
    {
        const auto from = openHistoryToRead(file);
        const auto to = openHistory(place);
        const CopiedHistory copied = copyHistory({{.database = from.get()}}, *to, [] {});
        CHECK(copied.batches == 2);
        CHECK(copied.events == 4);
    }
    CHECK(contentsOf(place) == contentsOf(file));
    {
        const auto from = openHistoryToRead(file);
        const auto to = openHistory(place);
        CHECK_THROWS_WITH(copyHistory({{.database = from.get()}}, *to, [] {}),
                          Catch::Contains("b, c, gone") && Catch::Contains("empty database"));
    }
    History history(place, "owner");
    history.commit(reported("b", 1));
    CHECK(history.lastEventId() == 8);  // the id of a deleted event is not used again
    CHECK_THROWS_WITH(history.commit(created("gone")), Catch::Contains("already exists"));
}

TEST_CASE("a program with a history does not need the library of PostgreSQL", "[postgresql]") {
    const std::string needed = outputOf("ldd /proc/" + std::to_string(::getpid()) + "/exe");
    CHECK_THAT(needed, Catch::Contains("libsheafline") && !Catch::Contains("libpq"));
}
