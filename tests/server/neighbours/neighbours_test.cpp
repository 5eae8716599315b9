// Two servers that share a Redis and a key: a client sees the same on both.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>
#include <catch2/catch.hpp>

#include "neighbours/server_pair.h"
#include "redis_commands.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// Reads a stream as a browser does, up to its end or to `most` new events; gives the ids.
std::vector<std::uint64_t> readStream(const std::string& url, const std::string& batch,
                                      const Headers& who, std::uint64_t after, std::size_t most) {
    const Poco::URI uri(url);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    session.setTimeout(Poco::Timespan(60, 0));
    Poco::Net::HTTPRequest request("GET", at(batch, "/stream"), "HTTP/1.1");
    for (const auto& [name, value] : who) request.set(name, value);
    if (after > 0) request.set("Last-Event-ID", std::to_string(after));
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    std::vector<std::uint64_t> ids;
    for (std::string line; ids.size() < most && std::getline(in, line);) {
        if (line.starts_with("id: ")) ids.push_back(std::stoull(line.substr(4)));
    }
    return ids;
}

std::vector<std::uint64_t> upTo(std::uint64_t last) {
    std::vector<std::uint64_t> all(last);
    for (std::uint64_t i = 0; i < last; ++i) all[i] = i + 1;
    return all;
}

std::uint64_t lastSeq(const RunningServer& server, const std::string& batch, const Headers& who) {
    return std::stoull(value(server.client().get(at(batch, "/progress"), who).body, "seq"));
}

std::string allEvents(const RunningServer& server, const std::string& batch, const Headers& who) {
    return server.client().get(at(batch, "/progress?after=0"), who).body;
}

}  // namespace

TEST_CASE("a server streams, polls and shows a batch of another one") {
    const Pair pair;
    const RedisCommands commands(pair.redis);
    const std::string id = pair.create("slow", pair.admin);
    const auto events = pair.other.stream(id, pair.admin);
    REQUIRE(events.size() > 3);
    CHECK(events.back().name == "complete");
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].id == std::to_string(i + 1));
    const auto same = [&](const std::string& what) {
        const Reply here = pair.other.client().get(at(id, what), pair.admin);
        CHECK(here.status == 200);
        CHECK(here.body == pair.home.client().get(at(id, what), pair.admin).body);
    };
    REQUIRE(eventually([&] { return pair.inRedis(id, "\"completed\""); }));
    same("/progress");
    same("/progress?after=0");
    same("/progress?after=" + events.back().id);
    same("/status");
    Headers has = with(pair.admin, {{"Last-Event-ID", events.back().id}});
    CHECK(pair.other.client().get(at(id, "/stream"), has).status == 204);
    CHECK(pair.other.client().get(at("no-such", "/status"), pair.admin).status == 404);

    const Headers stranger = pair.home.addUser("eve", pair.admin);
    for (const char* what : {"/stream", "/progress", "/status", "", "/results"})
        CHECK(pair.other.client().get(at(id, what), stranger).status == 404);
    CHECK(pair.other.client().send("POST", "/api/auth/logout", "", pair.admin).status == 204);
    std::size_t seen = 0;
    CHECK(commands.newerThan("6.2", seen) == std::vector<std::string>{});
    CHECK(seen > 10);
}

TEST_CASE("200 clients that move to another server in mid-batch receive every seq once") {
    const Pair pair;
    const std::string id = pair.create("slow", pair.admin);
    constexpr int kClients = 200;
    std::vector<std::vector<std::uint64_t>> seen(kClients);
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < kClients; ++i) {
            clients.emplace_back([&, i] {
                auto& mine = seen[static_cast<std::size_t>(i)];
                mine = readStream(pair.other.client().url(), id, pair.admin, 0,
                                  static_cast<std::size_t>(2 + i % 5));
                const auto rest = readStream(pair.home.client().url(), id, pair.admin,
                                             mine.empty() ? 0 : mine.back(), 100'000);
                mine.insert(mine.end(), rest.begin(), rest.end());
            });
        }
    }
    const auto all = upTo(lastSeq(pair.home, id, pair.admin));
    CHECK(all.size() > 7);
    CHECK(std::ranges::count(seen, all) == kClients);
    // One connection of the other server receives events for all of them.
    CHECK(pair.redis.cli("CLIENT LIST TYPE pubsub | grep -c name=sheafline-streams") == "1");
}

TEST_CASE("every other call about a batch is forwarded to its home") {
    const Pair pair;
    const HttpClient& other = pair.other.client();
    const std::string id = pair.create("squares", pair.admin);
    CHECK(pair.other.stream(id, pair.admin).back().name == "complete");
    CHECK(value(other.get(at(id, ""), pair.admin).body, "state") == "completed");
    CHECK(value(other.get(at(id, "/results?limit=1"), pair.admin).body, "square") == "1");
    const Reply range =
        other.get(at(id, "/artifacts/out.csv"), with(pair.admin, {{"Range", "bytes=9-13"}}));
    CHECK(range.status == 206);
    CHECK(range.body.size() == 5);
    CHECK(other.send("POST", at(id, "/cancel"), "", pair.admin).status == 409);
    const Reply ticket = pair.other.post(at(id, "/stream-ticket"), "", pair.admin);
    CHECK(ticket.status == 201);
    CHECK(curlStream(other.url() + value(ticket.body, "url")).back().name == "complete");
    CHECK(other.send("DELETE", at(id, ""), "", pair.admin).status == 204);

    const std::string waits = pair.create("waits", pair.admin);
    REQUIRE(eventually([&] { return pair.inRedis(waits, "waiting"); }));
    CHECK(other.send("POST", at(waits, "/cancel"), "", pair.admin).status == 202);
    const auto ended = pair.other.stream(waits, pair.admin);
    CHECK(ended.back().name == "error");
    CHECK(value(ended.back().data, "stage") == "cancelled");
}

TEST_CASE("an upload continues through either server") {
    const Pair pair;
    const std::string zip = pair.home_site.archive(6);
    const std::string id = pair.home.openUpload(zip.size(), pair.admin);
    REQUIRE(eventually([&] { return pair.inRedis(id, "\"seq\""); }));
    const std::size_t third = zip.size() / 3;
    CHECK(pair.other.patch(id, 0, zip.substr(0, third), pair.admin).status == 204);
    CHECK(pair.home.patch(id, third, zip.substr(third, third), pair.admin).status == 204);
    CHECK(pair.other.offsetOf(id, pair.admin) == 2 * third);
    CHECK(pair.other.patch(id, third, "again", pair.admin).status == 409);
    CHECK(pair.other.patch(id, 2 * third, zip.substr(2 * third), pair.admin).status == 204);
    CHECK(pair.other.stream(id, pair.admin).back().name == "complete");
}

TEST_CASE("events that Redis no longer has come from the home, or are reported as a gap") {
    Pair pair;
    const std::string id = pair.create("slow", pair.admin);
    REQUIRE(pair.other.stream(id, pair.admin).back().name == "complete");
    REQUIRE(eventually([&] { return pair.inRedis(id, "\"completed\""); }));
    const std::string truth = allEvents(pair.home, id, pair.admin);
    const std::uint64_t last = lastSeq(pair.home, id, pair.admin);
    pair.redis.cli("LTRIM batch:" + id + ":progress:log -3 -1");
    CHECK(allEvents(pair.other, id, pair.admin) == truth);
    CHECK(readStream(pair.other.client().url(), id, pair.admin, 0, 100'000) == upTo(last));

    pair.home.program().signal(SIGKILL);
    pair.home.program().wait();
    const auto events = pair.other.stream(id, pair.admin);
    REQUIRE(events.size() == 4);
    CHECK(events.front().name == "gap");
    CHECK(events.front().data == "{\"from\":1,\"to\":" + std::to_string(last - 3) + "}");
    CHECK(events.back().name == "complete");
    const Reply polled = pair.other.client().get(at(id, "/progress?after=0"), pair.admin);
    CHECK(polled.body.find("\"gap\":{\"from\":1,") != std::string::npos);
    const Reply results = pair.other.client().get(at(id, "/results"), pair.admin);
    CHECK(results.status == 503);
    CHECK(value(results.body, "code") == "HOME_UNREACHABLE");
    CHECK(value(pair.other.client().get(at(id, "/status"), pair.admin).body, "state") ==
          "completed");
}

TEST_CASE("a stream over another server misses nothing when Redis disconnects its subscriber",
          "[F25]") {
    const Pair pair;
    const std::string id = pair.create("slow", pair.admin);
    std::vector<std::uint64_t> seen;
    {
        const std::jthread watcher(
            [&] { seen = readStream(pair.other.client().url(), id, pair.admin, 0, 100'000); });
        // Once for each event that is new in the log.
        std::string length;
        while (!pair.inRedis(id, "\"completed\"")) {
            std::string now = pair.redis.cli("LLEN batch:" + id + ":progress:log");
            if (now == length) continue;
            length = std::move(now);
            pair.redis.cli("CLIENT KILL TYPE pubsub");
        }
    }
    CHECK(seen == upTo(lastSeq(pair.home, id, pair.admin)));
}

TEST_CASE("a stream over another server continues when Redis returns empty", "[F19]") {
    Pair pair;
    const std::string id = pair.create("slow", pair.admin);
    std::vector<std::uint64_t> seen;
    {
        const std::jthread watcher([&] {
            // A client whose stream broke reconnects with its last id.
            while (seen.empty() || seen.back() != lastSeq(pair.home, id, pair.admin) ||
                   value(pair.home.client().get(at(id, "/status"), pair.admin).body, "state") !=
                       "completed") {
                const auto more = readStream(pair.other.client().url(), id, pair.admin,
                                             seen.empty() ? 0 : seen.back(), 100'000);
                seen.insert(seen.end(), more.begin(), more.end());
            }
        });
        REQUIRE(eventually([&] { return pair.inRedis(id, "processing"); }));
        pair.redis.kill();
        pair.redis.start();
    }
    CHECK(seen == upTo(lastSeq(pair.home, id, pair.admin)));
}

TEST_CASE("one sign-in is valid on both servers, and ends on both") {
    const Pair pair;
    const HttpClient& home = pair.home.client();
    const HttpClient& other = pair.other.client();
    const Headers ann = pair.home.addUser("ann", pair.admin);
    const auto session = [](const HttpClient& client, const Headers& who) {
        return client.get("/api/auth/session", who).status;
    };
    CHECK(session(other, ann) == 200);
    CHECK(pair.other.login("ann", "a wrong password").status == 401);
    const Headers again = pair.other.signIn("ann", kPassword);
    CHECK(session(home, again) == 200);
    CHECK(other.get("/api/users", pair.admin).body == home.get("/api/users", pair.admin).body);
    CHECK(other.get("/api/users", ann).status == 403);

    SECTION("by logout here") {
        CHECK(other.send("POST", "/api/auth/logout", "", again).status == 204);
        CHECK(session(other, again) == 401);
        CHECK(eventually([&] { return session(home, again) == 401; }));
        CHECK(session(home, ann) == 200);
    }
    SECTION("by logout at home") {
        CHECK(home.send("POST", "/api/auth/logout", "", again).status == 204);
        CHECK(eventually([&] { return session(other, again) == 401; }));
        CHECK(session(other, ann) == 200);
    }
    SECTION("by disabling, which also ends streams, whatever Redis forgets") {
        const std::string id = pair.create("waits", ann);
        std::vector<StreamedEvent> seen;
        std::atomic<bool> begun = false;
        std::jthread watcher(
            [&] { seen = curlStream(other.url() + at(id, "/stream"), ann, &begun); });
        REQUIRE(eventually([&] { return begun.load(); }));
        CHECK(runProgram(pair.home_site.folder.path(), {"user", "disable", "ann"}).status == 0);
        watcher.join();  // the batch itself never ends
        REQUIRE_FALSE(seen.empty());
        CHECK(seen.back().name == "auth_expired");
        CHECK(session(other, again) == 401);
        pair.redis.cli("FLUSHALL");
        CHECK(session(other, again) == 401);
    }
}

TEST_CASE("without Redis a server knows only its own batches, and says so") {
    Pair pair;
    const std::string id = pair.create("squares", pair.admin);
    REQUIRE(pair.home.stream(id, pair.admin).back().name == "complete");
    pair.redis.kill();
    CHECK(pair.home.client().get(at(id, "/status"), pair.admin).status == 200);
    const Reply status = pair.other.client().get(at(id, "/status"), pair.admin);
    CHECK(status.status == 503);
    CHECK(value(status.body, "code") == "REDIS_AWAY");
    // Any other status would end an EventSource for good.
    const Reply stream = pair.other.client().get(at(id, "/stream"), pair.admin);
    CHECK(stream.status == 200);
    CHECK(stream.body == "retry: 3000\n\n");
    CHECK(eventually([&] {
        return pair.other.client().get("/readyz").body.find("not heard of") != std::string::npos;
    }));
}

TEST_CASE("accounts on another server need Redis") {
    const Site site;
    const ProgramResult result =
        runProgram(site.folder.path(), {"serve", "--listen", "127.0.0.1:0"},
                   {{"SHEAFLINE_ACCOUNTS_URL", "http://127.0.0.1:1"},
                    {"SHEAFLINE_PIPELINES_DIR", "pipelines"}});
    CHECK(result.status == 2);
    CHECK(result.err.find("accounts-url requires redis") != std::string::npos);
}
