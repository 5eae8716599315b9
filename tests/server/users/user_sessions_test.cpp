// The sessions of users, for admins.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE("an admin sees the sessions of a user and ends one or all of them") {
    const Site site;
    const RunningServer server(site);
    const HttpClient& client = server.client();
    const Headers admin = server.signInAdmin();
    const Headers first = server.addUser("alice", admin);
    const Headers second = server.signIn("alice", kPassword);
    const Headers bob = server.addUser("bob", admin);
    const std::string path = "/api/users/alice/sessions";
    CHECK(client.get(path, bob).status == 403);

    const std::string sessions = client.get(path, admin).body;
    CHECK(countOf(sessions, R"("id":")") == 2);
    CHECK(countOf(sessions, R"("current":false)") == 2);
    CHECK_THAT(sessions, Catch::Contains(R"("address":"127.0.0.1")"));
    CHECK(countOf(client.get("/api/users/admin/sessions", admin).body, R"("current":true)") == 1);

    // The session of another user is not found at this one.
    const std::string of_bob = value(client.get("/api/users/bob/sessions", admin).body, "id");
    CHECK(client.send("DELETE", path + "/" + of_bob, "", admin).status == 404);
    CHECK(client.get("/api/batches", bob).status == 200);

    const std::string newest = value(sessions, "id");
    CHECK(client.send("DELETE", path + "/" + newest, "", admin).status == 204);
    CHECK(client.send("DELETE", path + "/" + newest, "", admin).status == 404);
    const int left = (client.get("/api/batches", first).status == 200 ? 1 : 0) +
                     (client.get("/api/batches", second).status == 200 ? 1 : 0);
    CHECK(left == 1);
    CHECK(client.send("DELETE", path, "", admin).status == 204);
    CHECK(client.get("/api/batches", first).status == 401);
    CHECK(client.get("/api/batches", second).status == 401);
    CHECK(client.get(path, admin).body == R"({"items":[],"next":null})");
    CHECK(client.send("DELETE", path, "", admin).status == 204);
    CHECK(client.get("/api/users/nobody/sessions", admin).status == 404);
    CHECK_THAT(client.get("/api/audit?action=session_end", admin).body,
               Catch::Contains(R"("subject":"alice")"));
}

TEST_CASE("the streams of a user end with the session that an admin ends") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    const std::string id = server.create("waits", alice);
    REQUIRE(server.client().send("DELETE", "/api/users/alice/sessions", "", admin).status == 204);
    CHECK(server.stream(id, alice).empty());
    const Headers again = server.signIn("alice", kPassword);
    std::atomic<bool> begun = false;
    std::vector<StreamedEvent> events;
    std::jthread reader(
        [&] { events = curlStream(server.client().url() + at(id, "/stream"), again, &begun); });
    REQUIRE(eventually([&] { return begun.load(); }));
    REQUIRE(server.client().send("DELETE", "/api/users/alice/sessions", "", admin).status == 204);
    reader.join();
    CHECK(events.back().name == "auth_expired");
}
