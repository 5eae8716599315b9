// A batch that waits for people while other things happen: restarts, lost keys of Redis, a table
// that was loaded already.
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "decisions/results_table.h"
#include "decisions/waiting_batch.h"
#include "redis_server.h"
#include "shim_run.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr std::size_t kClients = 20;

// The environment of a machine that was started once more for each further number. Under a
// sanitizer only the server is started again.
std::map<std::string, std::string> machine(const TemporaryFolder& folder, int starts) {
    if (!faults::kShimWorks) return {};
    const std::string file = "boot-" + std::to_string(starts);
    folder.write(file, "00000000-0000-4000-8000-00000000000" + std::to_string(starts) + "\n");
    return faults::withShim(folder.path().string(), {{"SHIM_BOOT_ID", folder / file}});
}

// Reads a stream as a browser does: it reconnects with the last id until the batch has ended.
std::vector<std::string> readToTheEnd(const std::string& url, Headers who,
                                      std::atomic<int>& connected) {
    std::vector<std::string> ids;
    while (true) {
        std::atomic<bool> begun = false;
        if (!ids.empty()) who["Last-Event-ID"] = ids.back();
        const auto events = curlStream(url, who, &begun);
        if (begun && ids.empty()) ++connected;
        for (const StreamedEvent& event : events) {
            if (!event.id.empty()) ids.push_back(event.id);
            if (event.name == "complete" || event.name == "error") return ids;
        }
    }
}

}  // namespace

TEST_CASE("20 streams of a batch in review receive each seq once over a restart of the machine") {
    const TemporaryFolder boots;
    Waiting batch("review: {before: csv}", "", {}, machine(boots, 1));
    const std::string url = batch.server->client().url() + at(batch.id, "/stream");
    std::array<std::vector<std::string>, kClients> seen;
    std::atomic<int> connected = 0;
    {
        std::vector<std::jthread> clients;
        for (std::size_t i = 0; i < kClients; ++i)
            clients.emplace_back(
                [&, i, who = batch.admin] { seen[i] = readToTheEnd(url, who, connected); });
        REQUIRE(eventually([&] { return batch.server->streams() == kClients; }));
        batch.start({}, machine(boots, 2));
        CHECK(batch.state() == "reviewing");
        batch.confirmAll();
        REQUIRE(batch.post("/decisions/apply", "") == 202);
        CHECK(batch.server->stream(batch.id, batch.admin).back().name == "complete");
    }
    CHECK(value(batch.get("/status"), "execution") == "1");
    std::vector<std::string> all;
    for (int seq = 1; seq <= std::stoi(value(batch.get(""), "seq")); ++seq)
        all.push_back(std::to_string(seq));
    for (const auto& ids : seen) CHECK(ids == all);
}

TEST_CASE("the keys of a batch in review are renewed in Redis, and written again when lost") {
    const RedisServer redis;
    const Waiting batch("review: {before: csv}", "", {"--redis", redis.url()});
    const std::string current = "batch:" + batch.id + ":progress:current";
    REQUIRE(eventually(
        [&] { return redis.cli("GET " + current).find("reviewing") != std::string::npos; }));
    REQUIRE(redis.cli("PEXPIRE " + current + " 600000") == "1");
    CHECK(eventually([&] { return std::stoll(redis.cli("PTTL " + current)) > 1'000'000; }));
    redis.cli("FLUSHALL");
    CHECK(eventually(
        [&] { return redis.cli("GET " + current).find("Still waiting") != std::string::npos; }));
    CHECK(batch.state() == "reviewing");
}

TEST_CASE("a table that was loaded before a review gets the decided values") {
    const Waiting batch(
        "review: {before: last}",
        R"(  - {id: load, uses: db_load, needs: [collect], with: {url: "${{ params.database }}", table: t}}
  - {id: last, uses: csv, needs: [load, csv], with: {file: last.csv}}
)");
    const Doubt doubt = batch.firstDoubt();
    const auto cellOf = [&](const std::string& sql) {
        return onResults(batch.site, *batch.server, batch.id, sql);
    };
    const std::string cell =
        "SELECT \"" + doubt.field + "\" FROM t WHERE sheet = " + std::to_string(doubt.sheet);
    const std::string decided = cellOf(cell) == "B" ? "C" : "B";
    REQUIRE(batch.post("/decisions", R"([{"sheet":)" + std::to_string(doubt.sheet) +
                                         R"(,"field":")" + doubt.field + R"(","value":")" +
                                         decided + R"("},{"continue":true}])") == 201);
    REQUIRE(batch.post("/decisions/apply", "") == 202);
    CHECK(batch.server->stream(batch.id, batch.admin).back().name == "complete");
    CHECK(cellOf(cell) == decided);
    CHECK(cellOf("SELECT count(*) FROM t") == "4");
    for (const char* csv : {"/artifacts/demo.csv", "/artifacts/last.csv"})
        CHECK(batch.get(csv).find(doubt.field + ":by_hand") != std::string::npos);
}
