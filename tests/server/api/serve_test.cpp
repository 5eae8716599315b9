// `serve` as its clients meet it: the real program on a free port.
#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE("a batch is created, streamed, polled and downloaded") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const HttpClient& client = server.client();
    const std::string id = server.create("squares", admin);
    const auto events = server.stream(id, admin);
    REQUIRE(events.size() >= 5);
    CHECK(events.front().id == "1");
    CHECK(events.back().name == "complete");
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].id == std::to_string(i + 1));

    Headers resumed = admin;
    resumed["Last-Event-ID"] = events.back().id;
    CHECK(client.get(at(id, "/stream"), resumed).status == 204);
    CHECK(client.get(at(id, "/progress"), admin).body == events.back().data);
    const Reply all = client.get(at(id, "/progress?after=0"), admin);
    CHECK(all.body.find("\"final\":true") != std::string::npos);
    CHECK(value(client.get(at(id, "/status"), admin).body, "state") == "completed");
    CHECK(value(client.get(at(id, "/results?limit=1"), admin).body, "square") == "1");
    CHECK(client.get(at(id, "/sheets?state=quarantined"), admin).body ==
          R"({"items":[],"next":null})");
    CHECK(value(client.get(at(id, "/sheets/7"), admin).body, "square") == "49");

    const Reply file = client.get(at(id, "/artifacts/out.csv"), admin);
    CHECK(file.status == 200);
    CHECK(file.headers.at("content-disposition") == "attachment; filename*=UTF-8''out.csv");
    Headers part = admin;
    part["Range"] = "bytes=9-13";
    const Reply range = client.get(at(id, "/artifacts/out.csv"), part);
    CHECK(range.status == 206);
    CHECK(range.body == file.body.substr(9, 5));
    part["Range"] = "bytes=999999-";
    CHECK(client.get(at(id, "/artifacts/out.csv"), part).status == 416);
    CHECK(client.get(at(id, "/artifacts/..%2fresults.db"), admin).status == 400);

    const Reply ticket = server.post(at(id, "/stream-ticket"), "", admin);
    CHECK(ticket.status == 201);
    CHECK(curlStream(client.url() + value(ticket.body, "url")).size() == events.size());

    CHECK(client.send("POST", at(id, "/cancel"), "", admin).status == 409);
    CHECK(client.send("DELETE", at(id, ""), "", admin).status == 204);
    CHECK(client.get(at(id, ""), admin).status == 404);
}

TEST_CASE("the streams of a failed and of a cancelled batch end with an error event") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string failing = server.create("fails", admin);
    const auto failed = server.stream(failing, admin);
    REQUIRE_FALSE(failed.empty());
    CHECK(failed.back().name == "error");
    CHECK(value(failed.back().data, "code") == "PROBE");

    CHECK(server.client().send("POST", at(failing, "/retry"), "", admin).status == 202);
    const auto again = server.stream(failing, admin);
    REQUIRE(again.size() > failed.size());
    CHECK(again[failed.size() - 1].name == "progress");
    CHECK(again.back().name == "error");
    CHECK(value(again.back().data, "execution") == "2");

    const std::string id = server.create("waits", admin);
    std::vector<StreamedEvent> cancelled;
    std::thread watcher([&] { cancelled = server.stream(id, admin); });
    REQUIRE(eventually([&] {
        return server.client().get(at(id, "/progress"), admin).body.find("waiting") !=
               std::string::npos;
    }));
    CHECK(server.client().send("POST", at(id, "/cancel"), "", admin).status == 202);
    watcher.join();
    REQUIRE_FALSE(cancelled.empty());
    CHECK(cancelled.back().name == "error");
    CHECK(value(cancelled.back().data, "stage") == "cancelled");
}

TEST_CASE("an invalid work order is rejected by name") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    struct Case {
        const char* json;
        int status;
        const char* said;
    };
    const Case cases[] = {
        {"{", 400, "BAD_JSON"},
        {"{}", 422, "\"pointer\":\"/pipeline\""},
        {R"({"pipeline":"none"})", 422, "\"pointer\":\"/pipeline\""},
        {R"({"pipeline":"squares","params":{"extra":"A1"}})", 422, "/params/extra"},
        {R"({"pipeline":"squares","params":{"secret_place":"x"}})", 422, "/params/secret_place"},
        {R"({"pipeline":"squares","params":{"unknown":"x"}})", 422, "/params/unknown"},
    };
    for (const Case& one : cases) {
        const Reply reply = server.post("/api/batches", one.json, admin);
        INFO(one.json << " " << reply.body);
        CHECK(reply.status == one.status);
        CHECK(reply.body.find(one.said) != std::string::npos);
        CHECK(reply.headers.at("content-type") == "application/problem+json");
    }
}

TEST_CASE("a cookie signs the dashboard in, and pages of other sites cannot use it") {
    const Site site;
    RunningServer server(site);
    const HttpClient& client = server.client();
    const std::string form = "username=admin&password=" + server.firstPassword();
    Headers headers{{"Content-Type", "application/x-www-form-urlencoded"},
                    {"Origin", "http://evil.example"}};
    CHECK(client.send("POST", "/api/auth/login?cookie=1", form, headers).status == 403);
    headers["Origin"] = client.url();
    const Reply reply = client.send("POST", "/api/auth/login?cookie=1", form, headers);
    REQUIRE(reply.status == 200);
    CHECK(reply.body.find("token") == std::string::npos);
    const std::string cookie = reply.headers.at("set-cookie");
    CHECK(cookie.find("HttpOnly; SameSite=Strict") != std::string::npos);
    Headers own{{"Cookie", cookie.substr(0, cookie.find(';'))}};
    CHECK(value(client.get("/api/auth/session", own).body, "role") == "admin");
    CHECK(client.send("POST", "/api/auth/logout", "", own).status == 403);
    own["Origin"] = client.url();
    CHECK(client.send("POST", "/api/auth/refresh", "", own).status == 200);
    CHECK(client.send("POST", "/api/auth/logout", "", own).status == 204);
}

TEST_CASE("a second server on the same data folder is rejected", "[F16]") {
    const Site site;
    const RunningServer server(site);
    CHECK(runProgram(site.folder.path(), {"serve", "--listen", "127.0.0.1:0"}).status == 75);
}
