// Workers that fetch sheets from the batch's server, and the list of workers over HTTP.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "redis_server.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct FarSite : Site {
    RedisServer redis;
    TemporaryFolder elsewhere;

    explicit FarSite(const std::string& options) {
        folder.write("pipelines/far.yaml",
                     "name: far\nstages:\n"
                     "  - {id: make, uses: probe, with: {act: sheets, count: 40}}\n"
                     "  - {id: process, uses: dispatch, with: {processor: probe, executor: redis, "
                     "lease: 900ms, " +
                         options + "}}\n");
    }
    // The pipeline `codes`, which takes an archive.
    void writeCodes() const {
        folder.write("pipelines/codes.yaml",
                     "name: codes\nparams:\n  input: {type: path, required: true}\nstages:\n"
                     "  - {id: extract, uses: extract, with: {archive: \"${{ params.input }}\"}}\n"
                     "  - {id: process, uses: dispatch, with: {processor: qr, executor: redis, "
                     "sheets: http, lease: 900ms}}\n"
                     "  - {id: collect, uses: collect}\n"
                     "  - {id: csv, uses: csv, with: {file: codes.csv}}\n");
    }
    std::map<std::string, std::string> environment() const {
        return {{"SHEAFLINE_REDIS", redis.url()}, {"SHEAFLINE_LOG_LEVEL", "info"}};
    }
    std::unique_ptr<Program> worker() const {
        auto started = std::make_unique<Program>(
            elsewhere.path(),
            std::vector<std::string>{"worker", "--concurrency", "2", "--heartbeat", "100ms"},
            environment());
        REQUIRE(started->waitForOutput("takes 2 sheets at a time"));
        return started;
    }
};

constexpr int kSheets = 4;  // as many as a batch puts into Redis while there is no worker

// How many sheets of the only batch wait for workers.
int sheetsInRedis(const RedisServer& redis) {
    const std::string key = redis.cli("KEYS 'sheafline:work:*:sheets'");
    return key.empty() ? 0 : std::stoi(redis.cli("XLEN " + key));
}

}  // namespace

TEST_CASE("sheets are fetched over HTTP with a token for their batch, each with its checksum") {
    const FarSite site("sheets: http");
    RunningServer server(site, "0", site.environment());
    const auto worker = site.worker();
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("far", admin);
    CHECK(server.stream(id, admin).back().name == "complete");
    CHECK(value(server.client().get(at(id, "/sheets/7"), admin).body, "square") == "49");
    const std::string sheets =
        server.client().get(at(id, "/sheets?state=read&limit=100"), admin).body;
    CHECK(countOf(sheets, "\"sheet\":") == 40);
    server.program().signal(SIGTERM);
    CHECK(countOf(server.program().wait().err, "/source status=200") == 40);
}

TEST_CASE("a worker's token opens only the sheets of its batch") {
    const FarSite site("sheets: http, pause: 100ms");
    RunningServer server(site, "0", site.environment());
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("far", admin);
    const std::string other = server.create("squares", admin);
    std::string offer;
    REQUIRE(eventually([&] {
        offer = site.redis.cli("GET sheafline:work:offer:" + id);
        return !offer.empty();
    }));
    std::string signature;
    std::string bearer;
    std::istringstream(offer) >> signature >> bearer;
    const Headers token{{"Authorization", "Bearer " + bearer}};
    const HttpClient& client = server.client();
    const Reply sheet = client.get(at(id, "/sheets/3/source"), token);
    CHECK(sheet.status == 200);
    CHECK(sheet.body == "3");
    CHECK(sheet.headers.at("etag") ==
          "\"4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce\"");
    CHECK(client.get(at(id, "/sheets/41/source"), token).status == 404);
    CHECK(client.get(at(other, "/sheets/3/source"), token).status == 401);
    CHECK(client.get(at(id, "/sheets"), token).status == 401);
    CHECK(client.get(at(id, "/stream"), token).status == 401);
    CHECK(client.get("/api/batches", token).status == 401);
    CHECK(client.get(at(id, "/sheets/3/source"), {}).status == 401);
    CHECK(client.get(at(id, "/sheets/3/source"), admin).body == "3");
    const Headers eve = server.addUser("eve", admin);
    CHECK(client.get(at(id, "/sheets/3/source"), eve).status == 404);
}

TEST_CASE("workers read sheets from the archive of a server that has not extracted them") {
    const FarSite site("sheets: http");
    site.writeCodes();
    auto environment = site.environment();
    environment["SHEAFLINE_WORK_DIR"] = (site.folder / "work").string();
    RunningServer server(site, "0", environment);
    const Headers admin = server.signInAdmin();
    const HttpClient& client = server.client();
    const std::string archive = site.archive(kSheets);
    const auto send = [&] {
        const Reply made = client.send("POST", "/api/batches?pipeline=codes", archive,
                                       with(admin, {{"Content-Type", "application/zip"}}));
        REQUIRE(made.status == 201);
        return value(made.body, "batch_id");
    };
    const auto csv = [&](const std::string& id) {
        const std::string body = client.get(at(id, "/artifacts/codes.csv"), admin).body;
        REQUIRE(countOf(body, id) == kSheets);
        std::string plain;
        for (std::size_t at = 0; at < body.size();) {
            const std::size_t found = std::min(body.find(id, at), body.size());
            plain += body.substr(at, found - at);
            at = found + id.size();
        }
        return plain;
    };
    // No worker runs yet, so the batch waits with all of its sheets.
    const std::string id = send();
    REQUIRE(eventually([&] { return sheetsInRedis(site.redis) == kSheets; }));
    int removed = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(site.folder / "work"))
        if (entry.is_regular_file() && entry.path().extension() == ".jpg")
            removed += std::filesystem::remove(entry.path()) ? 1 : 0;
    REQUIRE(removed == kSheets);
    // A store that cannot be reached for a moment does not mean that the sheet is gone.
    const auto in_store = site.folder / stored("batches/" + id + "/archive.zip");
    const auto away = site.folder / "away.zip";
    std::filesystem::rename(in_store, away);
    CHECK(client.get(at(id, "/sheets/1/source"), admin).status == 503);
    std::filesystem::rename(away, in_store);
    const auto worker = site.worker();
    REQUIRE(server.stream(id, admin).back().name == "complete");
    CHECK(countOf(client.get(at(id, "/sheets?state=read"), admin).body, "\"sheet\":") == kSheets);
    const std::string undisturbed = send();
    REQUIRE(server.stream(undisturbed, admin).back().name == "complete");
    CHECK(csv(id) == csv(undisturbed));
}

TEST_CASE("a worker that cannot reach the sheets leaves them to others and says why") {
    const FarSite site("sheets: http");
    // There is no server: `run` offers nothing.
    Program batch(site.folder.path(), {"run", "pipelines/far.yaml", "--batch-id", "b", "--json"},
                  site.environment());
    const auto worker = site.worker();
    REQUIRE(batch.waitForOutput("and no server offers its sheets over HTTP"));
    batch.signal(SIGINT);
    CHECK(batch.wait().status == 3);
}

TEST_CASE("the list of workers shows their work but hides other users' batches") {
    const FarSite site("pause: 200ms");
    RunningServer server(site, "0", site.environment());
    const Headers admin = server.signInAdmin();
    const HttpClient& client = server.client();
    CHECK(client.get("/api/workers", admin).body == R"({"items":[],"next":null})");
    const auto worker = site.worker();
    const std::string id = server.create("far", admin);
    REQUIRE(eventually([&] {
        const std::string body = client.get("/api/workers", admin).body;
        return holds(body, "\"state\":\"working\"") && holds(body, "\"batch_id\":\"" + id) &&
               value(body, "rate_per_second") != "0.000";
    }));
    const Headers eve = server.addUser("eve", admin);
    const std::string seen = client.get("/api/workers", eve).body;
    CHECK(holds(seen, "\"state\":\"working\""));
    CHECK_FALSE(holds(seen, id));
    worker->signal(SIGKILL);
    REQUIRE(eventually(
        [&] { return value(client.get("/api/workers", admin).body, "state") == "lost"; }));
    CHECK(client.send("POST", at(id, "/cancel"), "", admin).status == 202);
    CHECK(server.stream(id, admin).back().name == "error");
}

TEST_CASE("without Redis the list of workers is empty, and with an unreachable Redis it says so") {
    FarSite site("");
    {
        RunningServer server(site);
        CHECK(server.client().get("/api/workers", server.signInAdmin()).body ==
              R"({"items":[],"next":null})");
    }
    std::filesystem::remove_all(site.folder / "sheafline-data");
    RunningServer server(site, "0", site.environment());
    const Headers admin = server.signInAdmin();
    site.redis.kill();
    const Reply reply = server.client().get("/api/workers", admin);
    CHECK(reply.status == 503);
    CHECK(value(reply.body, "code") == "REDIS_AWAY");
}
