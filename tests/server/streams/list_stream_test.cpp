// The stream of the list of batches: who learns what, and what many and slow watchers cost.
#include <filesystem>
#include <fstream>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "http/raw_client.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;
using http::test::RawClient;

namespace {

constexpr const char* kReload = "event: reload\ndata: {}\n\n";

// A watcher over HTTP/1.0, which has no chunks.
class Watching {
 public:
    Watching(const RunningServer& server, const Headers& who, int receive_buffer = 0)
        : client_(static_cast<std::uint16_t>(server.portNumber()), receive_buffer) {
        std::string request = "GET /api/streams/batches HTTP/1.0\r\nHost: localhost\r\n";
        for (const auto& [name, text] : who)
            request.append(name).append(": ").append(text).append("\r\n");
        client_.send(request + "\r\n");
    }

    // Whole events, up to the one that contains `text`; gives up after some heartbeats.
    std::string until(const std::string& text) {
        std::string events;
        for (int beats = 0; beats < 3 && events.find(text) == std::string::npos;) {
            const std::string event = client_.readUntil("\n\n");
            if (event.empty()) break;
            beats += event == ":\n\n" ? 1 : 0;
            events += event;
        }
        return events;
    }
    bool sees(const std::string& text) { return until(text).find(text) != std::string::npos; }
    std::string rest() { return client_.readAll(); }
    bool ready() { return sees("event: ready\ndata: {}\n\n"); }

 private:
    RawClient client_;
};

Reply rename(const RunningServer& server, const std::string& id, const std::string& name,
             const Headers& who) {
    return server.client().send("PATCH", at(id, ""), R"({"name":")" + name + R"("})",
                                with(who, {{"Content-Type", "application/json"}}));
}

Reply share(const RunningServer& server, const std::string& id, const std::string& json,
            const Headers& who) {
    return server.client().send("PUT", at(id, "/shares"), json,
                                with(who, {{"Content-Type", "application/json"}}));
}

void execute(sqlite3* database, const std::string& sql) {
    INFO(sql << ": " << sqlite3_errmsg(database));
    REQUIRE(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

double megabytesOf(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
    double pages = 0;
    file >> pages >> pages;  // the second number is what is in memory
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1U << 20U);
}

// Copies the only batch of a history as copy-1, copy-2 and so on.
void copyBatch(const std::filesystem::path& history, int copies) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(history.c_str(), &database) == SQLITE_OK);
    std::string columns;
    sqlite3_exec(
        database, "SELECT name FROM pragma_table_info('batches') WHERE name <> 'batch_id'",
        [](void* list, int, char** values, char**) {
            static_cast<std::string*>(list)->append(", ").append(values[0]);
            return 0;
        },
        &columns, nullptr);
    execute(database, "INSERT INTO batches(batch_id" + columns +
                          ") WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                          "i < " +
                          std::to_string(copies) + ") SELECT 'copy-' || i" + columns +
                          " FROM batches, n");
    execute(database,
            "INSERT INTO events(batch_id, seq, execution, json) SELECT b.batch_id, e.seq, "
            "e.execution, e.json FROM events e, batches b WHERE b.batch_id LIKE 'copy-%'");
    sqlite3_close(database);
}

}  // namespace

TEST_CASE("the stream of the list shows a batch from its creation to its end, without ids") {
    const Site site;
    const RunningServer server(site);
    const Headers alice = server.addUser("alice", server.signInAdmin());
    Watching watching(server, alice);
    REQUIRE(watching.ready());
    const std::string id = server.create("squares", alice);
    const std::string seen = watching.until(R"("state":"completed")");
    CHECK_THAT(seen, Catch::Contains(R"(event: batches)"));
    CHECK_THAT(seen, Catch::Contains(R"("batch_id":")" + id + '"'));
    CHECK_THAT(seen, Catch::Contains(R"("sheets_total":40)"));
    CHECK(seen.find("\nid:") == std::string::npos);
    // What the stream shows of an ended batch is what the list shows.
    const std::string list = server.client().get("/api/batches", alice).body;
    const std::string item = list.substr(10, list.rfind("],") - 10);
    CHECK_THAT(seen, Catch::Contains(item));
}

TEST_CASE("a batch at work has its newest event in the list and in the stream of the list") {
    const Site site;
    const RunningServer server(site);
    const Headers alice = server.addUser("alice", server.signInAdmin());
    Watching watching(server, alice);
    REQUIRE(watching.ready());
    const std::string id = server.create("waits", alice);
    CHECK(watching.sees(R"("progress":{"stage":)"));
    REQUIRE(eventually([&] {
        return server.client().get("/api/batches", alice).body.find(R"("state":"running")") !=
               std::string::npos;
    }));
    CHECK_THAT(server.client().get("/api/batches", alice).body,
               Catch::Contains(R"("progress":{"stage":)"));
    CHECK(server.post(at(id, "/cancel"), "", alice).status == 202);
    CHECK(watching.sees(R"("state":"cancelled")"));
}

TEST_CASE("the stream of the list never shows a batch that its user may not see") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    const Headers bob = server.addUser("bob", admin);
    Watching hers(server, alice);
    Watching his(server, bob);
    Watching all(server, admin);
    REQUIRE(hers.ready());
    REQUIRE(his.ready());
    REQUIRE(all.ready());
    const std::string id = server.openUpload(100, alice);
    const std::string own = server.openUpload(100, bob);
    CHECK(hers.sees(id));
    CHECK(all.sees(id));
    std::string seen_by_bob = his.until(own);
    REQUIRE(rename(server, id, "secret-title", alice).status == 200);
    CHECK(hers.sees("secret-title"));
    REQUIRE(rename(server, own, "own-title", bob).status == 200);
    seen_by_bob += his.until("own-title");
    CHECK(seen_by_bob.find(id) == std::string::npos);
    CHECK(seen_by_bob.find("alice") == std::string::npos);
    CHECK(seen_by_bob.find("reload") == std::string::npos);

    // A share makes the list of everybody older; its batch is then shown to bob too.
    REQUIRE(share(server, id, R"({"users":["bob"]})", alice).status == 200);
    CHECK(his.sees(kReload));
    REQUIRE(rename(server, id, "shared-title", alice).status == 200);
    CHECK(his.sees("shared-title"));
    REQUIRE(share(server, id, "{}", alice).status == 200);
    CHECK(his.sees(kReload));
    REQUIRE(rename(server, id, "hidden-again", alice).status == 200);
    CHECK(hers.sees("hidden-again"));
    REQUIRE(rename(server, own, "last-title", bob).status == 200);
    CHECK(his.until("last-title").find("hidden-again") == std::string::npos);

    // Only admins learn the id of a removed batch.
    REQUIRE(server.post(at(id, "/cancel"), "", alice).status == 202);
    REQUIRE(eventually(
        [&] { return server.client().send("DELETE", at(id, ""), "", alice).status == 204; }));
    CHECK(all.sees(R"("removed":[")" + id + R"("])"));
    const std::string after = his.until(kReload);
    CHECK(after.find(id) == std::string::npos);
}

TEST_CASE("a stream of the list ends with the session, and with the server") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    Watching hers(server, alice);
    Watching all(server, admin);
    REQUIRE(hers.ready());
    REQUIRE(all.ready());
    REQUIRE(server.post("/api/auth/logout", "", alice).status == 204);
    CHECK_THAT(hers.rest(), Catch::EndsWith("event: auth_expired\ndata: {}\n\n"));
    server.program().signal(15);
    CHECK_THAT(all.rest(), Catch::Contains("event: shutdown\ndata: {}\n\nretry: "));
    CHECK(server.program().wait().status == 0);
    CHECK(curlStream(server.client().url() + "/api/streams/batches").empty());
}

TEST_CASE("a hundred watchers of a thousand batches cost little, also those that do not read") {
    constexpr int kBatches = 1'000;
    constexpr int kWatchers = 100;
    const Site site;
    {
        RunningServer first(site);
        const Headers alice = first.addUser("alice", first.signInAdmin());
        first.stream(first.create("squares", alice), alice);
        first.program().signal(15);
        REQUIRE(first.program().wait().status == 0);
    }
    copyBatch(site.folder / "sheafline-data/history.db", kBatches);
    RunningServer server(site);
    const Headers alice = server.signIn("alice", kPassword);
    const double before = megabytesOf(server.program().pid());
    std::vector<std::unique_ptr<Watching>> watchers;
    for (int i = 0; i < kWatchers; ++i) {
        // Every tenth one reads nothing until the end.
        watchers.push_back(std::make_unique<Watching>(server, alice, i % 10 == 9 ? 4'096 : 0));
        if (i % 10 != 9) REQUIRE(watchers.back()->ready());
    }
    for (int i = 1; i <= kBatches; ++i)
        REQUIRE(rename(server, "copy-" + std::to_string(i), "renamed", alice).status == 200);
    // So many changes in a second are one `reload`; a single one later is shown alone.
    std::string events;
    REQUIRE(eventually([&] {
        REQUIRE(rename(server, "copy-1", "the-last-one", alice).status == 200);
        events += watchers.front()->until("event: ");
        return events.find("the-last-one") != std::string::npos;
    }));
    for (int i = 1; i < kWatchers; ++i) {
        if (i % 10 != 9) CHECK(watchers[static_cast<std::size_t>(i)]->sees("the-last-one"));
    }
    const std::size_t messages = countOf(events, "event: ");
    const double grown = megabytesOf(server.program().pid()) - before;
    WARN("memory grew by " << grown << " MB; " << messages << " events for " << kBatches + 1
                           << " changes");
    CHECK(messages < kBatches / 5);
#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory
    CHECK(grown < 32);
#endif
    // A client that reads again learns that it has missed something.
    for (int i = 9; i < kWatchers; i += 10) {
        CHECK(watchers[static_cast<std::size_t>(i)]->sees(kReload));
    }
    CHECK(server.client().get("/api/batches?limit=1", alice).status == 200);
}
