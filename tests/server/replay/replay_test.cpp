// `serve --replay`: a finished batch is streamed again on the usual routes, and nothing is written.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "postgres_server.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// A data folder with a finished batch `done` of alice and one of admin.
struct ReplayFixture {
    Site site{};
    std::string password{};
    std::string id{};
    std::string status{};
    std::string results{};
    std::vector<StreamedEvent> events{};

    explicit ReplayFixture(const SharedServers::Environment& environment = {}) {
        RunningServer server(site, "0", environment);
        password = server.firstPassword();
        const Headers admin = server.signInAdmin();
        const Headers alice = server.addUser("alice", admin);
        server.stream(server.create("squares", admin), admin);
        id = server.create("slow", alice);
        events = server.stream(id, alice);
        REQUIRE(events.back().name == "complete");
        status = server.client().get(at(id, "/status"), alice).body;
        results = server.client().get(at(id, "/sheets?limit=1000"), alice).body;
        server.program().signal(15);
        REQUIRE(server.program().wait().status == 0);
    }

    ProgramResult refused(const std::vector<std::string>& more) const {
        std::vector<std::string> arguments{"serve", "--listen", "127.0.0.1:0"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return runProgram(site.folder.path(), arguments,
                          {{"SHEAFLINE_PIPELINES_DIR", "pipelines"}});
    }

    // The bytes of every file of the data folder, but those of SQLite for readers.
    std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> all;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(site.folder / "sheafline-data")) {
            const std::string name = entry.path().string();
            if (!entry.is_regular_file() || name.ends_with("-wal") || name.ends_with("-shm"))
                continue;
            std::ifstream file(entry.path(), std::ios::binary);
            all[name] = {std::istreambuf_iterator<char>(file), {}};
        }
        return all;
    }
};

std::string text(const std::vector<StreamedEvent>& events) {
    std::string all;
    for (const StreamedEvent& event : events)
        all += event.name + ' ' + event.id + ' ' + event.data + '\n';
    return all;
}

}  // namespace

TEST_CASE("a replayed batch has the same events, and stream, status and polling agree") {
    const ReplayFixture f;
    const auto before = f.files();
    const RunningServer server(f.site, "0", {}, {"--replay", f.id, "--speed", "1"});
    const Headers alice = server.signIn("alice", kPassword);
    int looks = 0;
    std::string state;
    do {
        const std::string newest = server.client().get(at(f.id, "/progress"), alice).body;
        const std::string status = server.client().get(at(f.id, "/status"), alice).body;
        const std::string again = server.client().get(at(f.id, "/progress"), alice).body;
        state = value(status, "state");
        if (newest != again) continue;  // an event came in between
        ++looks;
        INFO(status);
        CHECK(status.find("\"progress\":" + newest) != std::string::npos);
        CHECK((state == "completed") == (value(newest, "stage") == "completed"));
    } while (state != "completed");
    CHECK(looks > 2);
    CHECK(text(server.stream(f.id, alice)) == text(f.events));
    CHECK(server.client().get(at(f.id, "/status"), alice).body == f.status);
    CHECK(server.client().get(at(f.id, "/sheets?limit=1000"), alice).body == f.results);
    CHECK((f.files() == before));
}

TEST_CASE("a client that watches a replay from its begin gets each event once, and faster") {
    const ReplayFixture f;
    const RunningServer server(f.site, "0", {}, {"--replay", f.id, "--speed", "2"});
    const Headers alice = server.signIn("alice", kPassword);
    CHECK(text(server.stream(f.id, alice)) == text(f.events));
    // Only this batch, and only for those who may see it.
    CHECK(countOf(server.client().get("/api/batches", alice).body, R"("batch_id":)") == 1);
    const Headers admin = server.signIn("admin", f.password);
    CHECK(countOf(server.client().get("/api/batches", admin).body, R"("user":"alice")") == 1);
}

TEST_CASE("a batch of a history in PostgreSQL is replayed", "[postgresql]") {
    const PostgresServer postgres;
    const ReplayFixture f({{"SHEAFLINE_HISTORY", postgres.url()}});
    const std::string events =
        postgres.query("SELECT count(*), max(event_id) FROM sheafline.events");
    const RunningServer server(f.site, "0", {}, {"--replay", f.id, "--speed", "10000"});
    const Headers alice = server.signIn("alice", kPassword);
    CHECK(text(server.stream(f.id, alice)) == text(f.events));
    CHECK(server.client().get(at(f.id, "/status"), alice).body == f.status);
    CHECK(server.client().get(at(f.id, "/sheets?limit=1000"), alice).body == f.results);
    CHECK(postgres.query("SELECT count(*), max(event_id) FROM sheafline.events") == events);
}

TEST_CASE("a server that replays a batch changes nothing") {
    const ReplayFixture f;
    const auto before = f.files();
    const RunningServer server(f.site, "0", {}, {"--replay", f.id, "--speed", "10000"});
    const Headers alice = server.signIn("alice", kPassword);
    for (const char* path : {"", "/cancel", "/retry", "/decisions", "/decisions/apply", "/score"}) {
        const Reply reply = path[0] == 0 ? server.client().send("DELETE", at(f.id, ""), "", alice)
                                         : server.post(at(f.id, path), "{}", alice);
        INFO(path << ": " << reply.body);
        CHECK(reply.status == 409);
        CHECK(value(reply.body, "code") == "REPLAY");
    }
    CHECK(server.post("/api/batches", R"({"pipeline":"squares"})", alice).status == 409);
    CHECK(server.post(at(f.id, "/stream-ticket"), "", alice).status == 201);
    CHECK((f.files() == before));
}

TEST_CASE("a batch that cannot be replayed is rejected with its reason") {
    const ReplayFixture f;
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"--replay", "none"}, "there is no batch 'none'"},
        {{"--replay", f.id, "--speed", "0"}, "--speed must be above 0"},
        {{"--replay", f.id, "--speed", "-1"}, "--speed must be above 0"},
        {{"--replay", f.id, "--speed", "nan"}, "--speed must be above 0"},
        {{"--speed", "5"}, "--speed requires --replay"}};
    for (const auto& [arguments, reason] : cases) {
        const ProgramResult result = f.refused(arguments);
        INFO(result.err);
        CHECK(result.status == 2);
        CHECK(result.err.find(reason) != std::string::npos);
    }
}

TEST_CASE("an unfinished batch is not replayed, also beside the server that runs it") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string waiting = server.create("waits", admin);
    const std::string done = server.create("fails", admin);
    REQUIRE(server.waitForStage(waiting, "probing", admin));
    const auto refused =
        runProgram(site.folder.path(), {"serve", "--listen", "127.0.0.1:0", "--replay", waiting},
                   {{"SHEAFLINE_PIPELINES_DIR", "pipelines"}});
    INFO(refused.err);
    CHECK(refused.status == 2);
    CHECK(refused.err.find("is running; only a batch that has ended can be replayed") !=
          std::string::npos);
    REQUIRE(server.post(at(waiting, "/cancel"), "", admin).status == 202);
    REQUIRE(server.stream(done, admin).back().name == "error");
    // A failed one is replayed while the server still owns the data folder.
    const RunningServer beside(site, "0", {}, {"--replay", done, "--speed", "10000"});
    const Headers there = beside.signIn("admin", server.firstPassword());
    CHECK(text(beside.stream(done, there)) == text(server.stream(done, admin)));
}
