// Signing in, the end of a session and its streams, and the rights of other sites' pages.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;
using Clock = std::chrono::steady_clock;

namespace {

// What lets a client distinguish rejections.
std::string seen(const Reply& reply) {
    std::string text = std::to_string(reply.status) + ' ' + reply.body;
    for (const auto& [name, value] : reply.headers) {
        if (name != "date" && name != "x-request-id")
            text.append("\n").append(name).append(": ").append(value);
    }
    return text;
}

// A watcher of one batch; joined by ended().
class Watcher {
 public:
    Watcher(const RunningServer& server, const std::string& batch, const Headers& who)
        : thread_([this, url = server.client().url() + at(batch, "/stream"), who] {
              events_ = curlStream(url, who, &begun_);
              ended_at_ = Clock::now();
          }) {}

    bool begun() const { return begun_; }
    const std::vector<StreamedEvent>& ended() {
        if (thread_.joinable()) thread_.join();
        return events_;
    }
    double secondsFrom(Clock::time_point begin) const {
        return std::chrono::duration<double>(ended_at_ - begin).count();
    }

 private:
    std::atomic<bool> begun_ = false;
    std::vector<StreamedEvent> events_;
    Clock::time_point ended_at_{};
    std::jthread thread_;
};

}  // namespace

TEST_CASE("an unknown user, a wrong password and a disabled user get the same answer") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    server.addUser("alice", admin);
    server.addUser("dora", admin);
    const Headers json = with(admin, {{"Content-Type", "application/json"}});
    REQUIRE(server.client().send("PATCH", "/api/users/dora", R"({"disabled":true})", json).status ==
            200);
    const std::string unknown = seen(server.login("nobody", kPassword));
    CHECK(unknown.starts_with("401 "));
    CHECK(seen(server.login("alice", "wrong password")) == unknown);
    CHECK(seen(server.login("dora", kPassword)) == unknown);
    // They cost the same work, too.
    const auto costOf = [&](const std::string& user) {
        const double before = server.cpuSeconds();
        for (int i = 0; i < 4; ++i) server.login(user, "wrong password");
        return server.cpuSeconds() - before;
    };
    const double of_nobody = costOf("nobody");
    const double of_alice = costOf("alice");
    INFO("CPU seconds: " << of_nobody << ' ' << of_alice);
    CHECK(of_nobody > of_alice / 2);
    CHECK(of_alice > of_nobody / 2);
}

TEST_CASE("a client that guesses passwords must wait, whether the user exists or not") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    server.addUser("alice", admin);
    for (const char* user : {"alice", "nobody"}) {
        Reply reply;
        int attempts = 0;
        while (attempts < 20 && reply.status != 429) {
            reply = server.login(user, "wrong password");
            ++attempts;
        }
        INFO(user);
        CHECK(attempts == 11);
        CHECK(value(reply.body, "code") == "TOO_MANY_ATTEMPTS");
        CHECK(std::stoi(reply.headers.at("retry-after")) > 0);
    }
    // Even the right password is not checked then; sign-ins of other users are not affected.
    CHECK(server.login("alice", kPassword).status == 429);
    CHECK(server.login("admin", server.firstPassword()).status == 200);
}

TEST_CASE("logout, a changed role and a disabled user close their streams within 5 s", "[F47]") {
    const Site site;
    const RunningServer server(site);
    const HttpClient& client = server.client();
    const Headers admin = server.signInAdmin();
    const Headers json = with(admin, {{"Content-Type", "application/json"}});
    const std::string what = GENERATE(as<std::string>(), "logout", "role", "disable", "password");
    const Headers alice = server.addUser("alice", admin);
    const Headers again = server.signIn("alice", kPassword);  // another session of hers
    const std::string id = server.create("waits", alice);
    Watcher watcher(server, id, alice);
    Watcher other(server, id, again);
    Watcher bystander(server, id, admin);
    REQUIRE(eventually([&] { return watcher.begun() && other.begun() && bystander.begun(); }));

    const auto begin = Clock::now();
    const auto change = [&](const std::string& text) {
        CHECK(client.send("PATCH", "/api/users/alice", text, json).status == 200);
    };
    if (what == "logout") CHECK(client.send("POST", "/api/auth/logout", "", alice).status == 204);
    if (what == "role") change(R"({"role":"viewer"})");
    if (what == "disable") change(R"({"disabled":true})");
    if (what == "password") change(R"({"password":"another long one"})");
    INFO(what);
    const auto& events = watcher.ended();
    CHECK(watcher.secondsFrom(begin) < 5);
    REQUIRE_FALSE(events.empty());
    CHECK(events.back().name == "auth_expired");
    CHECK(events.back().id.empty());
    CHECK(client.get(at(id, "/stream"), alice).status == 401);
    // Logout ends only that session. The other changes end all sessions of the user, but none of
    // other users.
    if (what != "logout") {
        CHECK(other.ended().back().name == "auth_expired");
        CHECK(other.secondsFrom(begin) < 5);
    }
    CHECK(client.send("POST", at(id, "/cancel"), "", admin).status == 202);
    CHECK(other.ended().back().name == (what == "logout" ? "error" : "auth_expired"));
    CHECK(bystander.ended().back().name == "error");
}

TEST_CASE("pages of exactly the listed origins may call the API") {
    const Site site;
    const RunningServer server(
        site, "0", {{"SHEAFLINE_CORS_ORIGINS", "https://good.example https://also.example:8443"}});
    const HttpClient& client = server.client();
    const Headers admin = server.signInAdmin();
    const auto preflight = [&](const std::string& origin) {
        return client.send("OPTIONS", "/api/batches", "",
                           {{"Origin", origin},
                            {"Access-Control-Request-Method", "POST"},
                            {"Access-Control-Request-Headers", "authorization"}});
    };
    for (const char* origin : {"https://good.example", "https://also.example:8443"}) {
        const Reply asked = preflight(origin);
        CHECK(asked.status == 204);
        CHECK(asked.headers.at("access-control-allow-origin") == origin);
        CHECK(asked.headers.at("access-control-allow-headers").find("Authorization") !=
              std::string::npos);
        CHECK(asked.headers.at("access-control-allow-methods").find("PATCH") != std::string::npos);
        const Reply read = client.get("/api/batches", with(admin, {{"Origin", origin}}));
        CHECK(read.status == 200);
        CHECK(read.headers.at("access-control-allow-origin") == origin);
        CHECK(read.headers.at("vary").find("Origin") != std::string::npos);
        // An error can be read too; a cookie is never sent with the request.
        const Reply rejected = client.get("/api/batches", {{"Origin", origin}});
        CHECK(rejected.status == 401);
        CHECK(rejected.headers.at("access-control-allow-origin") == origin);
        for (const Reply& reply : {asked, read, rejected})
            CHECK_FALSE(reply.headers.contains("access-control-allow-credentials"));
    }
    for (const char* origin :
         {"http://good.example", "https://good.example.evil", "https://good.example:443",
          "https://GOOD.example", "https://sub.good.example", "null", "*"}) {
        INFO(origin);
        CHECK_FALSE(preflight(origin).headers.contains("access-control-allow-origin"));
        CHECK_FALSE(client.get("/api/batches", with(admin, {{"Origin", origin}}))
                        .headers.contains("access-control-allow-origin"));
    }
}

TEST_CASE("without a list of origins, no page of another site may call the API") {
    const Site site;
    const RunningServer server(site);
    const Headers origin{{"Origin", "https://good.example"},
                         {"Access-Control-Request-Method", "POST"}};
    const Reply asked = server.client().send("OPTIONS", "/api/batches", "", origin);
    CHECK_FALSE(asked.headers.contains("access-control-allow-origin"));
    CHECK_FALSE(server.client()
                    .get("/healthz", {{"Origin", "https://good.example"}})
                    .headers.contains("access-control-allow-origin"));
}
