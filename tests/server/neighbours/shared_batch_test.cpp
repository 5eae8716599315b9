// A batch that is shared, over a server that does not have it.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "neighbours/server_pair.h"

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE("a batch is shared, and the share ends, on every server") {
    const Pair pair;
    const HttpClient& other = pair.other.client();
    const Headers bob = pair.home.addUser("bob", pair.admin, "reviewer");
    const std::string id = pair.create("waits", pair.admin);
    const auto share = [&](const HttpClient& server, const std::string& json) {
        return server
            .send("PUT", at(id, "/shares"), json,
                  with(pair.admin, {{"Content-Type", "application/json"}}))
            .status;
    };
    const auto status_of = [&](const std::string& what) {
        return other.get(at(id, what), bob).status;
    };
    CHECK(status_of("/status") == 404);
    REQUIRE(share(other, R"({"users":["Bob"]})") == 200);
    CHECK(eventually([&] { return status_of("/status") == 200; }));
    for (const char* what : {"", "/progress", "/progress?after=0", "/results", "/answers"})
        CHECK(status_of(what) == 200);
    CHECK(other.send("POST", at(id, "/cancel"), "", bob).status == 403);

    std::vector<StreamedEvent> seen;
    std::atomic<bool> begun = false;
    std::jthread watcher([&] { seen = curlStream(other.url() + at(id, "/stream"), bob, &begun); });
    REQUIRE(eventually([&] { return begun.load(); }));
    const std::string ticket =
        value(pair.other.post(at(id, "/stream-ticket"), "", bob).body, "url");
    CHECK(ticket.find("ticket=") != std::string::npos);
    REQUIRE(share(pair.home.client(), R"({"users":[]})") == 200);
    watcher.join();  // the batch itself does not end
    REQUIRE_FALSE(seen.empty());
    CHECK(seen.back().name == "auth_expired");
    for (const char* what : {"", "/status", "/progress", "/results", "/stream"})
        CHECK(eventually([&] { return status_of(what) == 404; }));
    CHECK(other.get(ticket).status == 404);
    CHECK(other.get(at(id, "/status"), pair.admin).status == 200);
}
