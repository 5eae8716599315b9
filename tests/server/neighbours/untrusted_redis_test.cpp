// A person who can write to Redis names servers of their own as homes of batches. They must see
// neither tokens nor requests, and must not reach our clients with their answers.
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "fake_server.h"
#include "redis_server.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n"
    "Set-Cookie: sheafline=theirs; Path=/\r\nContent-Security-Policy: default-src *\r\n"
    "X-Frame-Options: ALLOWALL\r\nAccess-Control-Allow-Origin: *\r\nETag: \"1\"\r\n"
    "Location: https://elsewhere.example/\r\n\r\n{\"items\":[],\"next\":null}";

void plant(const RedisServer& redis, const std::string& id, const std::string& owner,
           const std::string& home) {
    redis.cli("HSET batch:" + id + ":meta owner " + owner + " state running seq 1 home " + home +
              " status '{}'");
    redis.cli("SET batch:" + id + ":progress:current '{}'");
}

struct Planted {
    explicit Planted(const std::string& answer = kAnswer) : fake(answer) {}

    RunningServer serve(bool listed) const {
        std::map<std::string, std::string> environment{{"SHEAFLINE_REDIS", redis.url()}};
        if (listed) environment["SHEAFLINE_SERVERS"] = "http://10.1.2.3:8000 " + fake.url() + '/';
        return RunningServer(site, "0", environment);
    }

    RedisServer redis{};
    Site site{};
    FakeServer fake;
};

}  // namespace

TEST_CASE("a home that is not in the configuration is not called") {
    const Planted planted;
    const RunningServer server = planted.serve(false);
    const Headers admin = server.signInAdmin();
    const Headers eve = server.addUser("eve", admin);
    plant(planted.redis, "b1", "admin", planted.fake.url());
    const Reply rejected = server.client().get(at("b1", "/results"), admin);
    INFO(rejected.body);
    CHECK(rejected.status == 503);
    CHECK(value(rejected.body, "code") == "HOME_UNREACHABLE");
    CHECK(server.client().get(at("b1", "/results"), eve).status == 404);
    CHECK(server.client().send("DELETE", at("b1", ""), "", admin).status == 503);
    CHECK(server.client().get(at("b1", "/progress?after=0"), admin).status == 200);
    CHECK(planted.fake.heads().empty());
}

TEST_CASE("a home with another key is unreachable, and says nothing about foreign batches") {
    const Planted planted(
        "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: "
        "2\r\n\r\n{}");
    const RunningServer server = planted.serve(true);
    const Headers admin = server.signInAdmin();
    const Headers eve = server.addUser("eve", admin);
    plant(planted.redis, "b1", "admin", planted.fake.url());
    const Reply rejected = server.client().get(at("b1", ""), admin);
    INFO(rejected.body);
    CHECK(rejected.status == 503);
    CHECK(value(rejected.body, "code") == "HOME_UNREACHABLE");
    CHECK(server.client().get(at("b1", ""), eve).status == 404);
    CHECK(server.client().get(at("no-such-batch", ""), eve).status == 404);
}

TEST_CASE("nothing is forwarded before its caller has signed in") {
    const Planted planted;
    const RunningServer server = planted.serve(true);
    plant(planted.redis, "b1", "admin", planted.fake.url());
    for (const char* what : {"", "/results", "/sheets/1/source", "/sheets/1/image", "/stream"})
        CHECK(server.client().get(at("b1", what)).status == 401);
    const Headers wrong{{"Authorization", "Bearer wrong"}};
    CHECK(server.client().get(at("b1", "/sheets/1/source"), wrong).status == 401);
    CHECK(planted.fake.heads().empty());
}

TEST_CASE("another server gets no token of a session, and a token for one batch only") {
    const Planted planted;
    const RunningServer server = planted.serve(true);
    const Headers admin = server.signInAdmin();
    plant(planted.redis, "b1", "admin", planted.fake.url());
    const std::string own = admin.at("Authorization").substr(7);
    const Reply answer = server.client().get(
        at("b1", "/results"), with(admin, {{"X-Secret", "of the client"}, {"Cookie", "a=b"}}));
    CHECK(answer.status == 200);
    REQUIRE(planted.fake.heads().size() == 1);
    const std::string head = planted.fake.heads()[0];
    CHECK(head.find(own) == std::string::npos);
    CHECK(head.find("X-Secret") == std::string::npos);
    CHECK(head.find("Cookie") == std::string::npos);

    const std::size_t from = head.find("Bearer ");
    REQUIRE(from != std::string::npos);
    const Headers theirs{{"Authorization", head.substr(from, head.find('\r', from) - from)}};
    const std::string id = server.create("squares", admin);
    CHECK(server.client().get("/api/auth/session", theirs).status == 401);
    CHECK(server.client().get("/api/batches", theirs).status == 401);
    CHECK(server.client().get(at(id, ""), theirs).status == 401);
    CHECK(server.client().get("/api/users", theirs).status == 401);
    CHECK(server.client().send("POST", "/api/auth/refresh", "", theirs).status == 401);
}

TEST_CASE("an answer of another server brings only known header fields") {
    const Planted planted;
    const RunningServer server = planted.serve(true);
    const Headers admin = server.signInAdmin();
    plant(planted.redis, "b1", "admin", planted.fake.url());
    const Reply answer = server.client().get(at("b1", "/results"), admin);
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("etag") == "\"1\"");
    CHECK(answer.headers.at("x-frame-options") == "DENY");
    CHECK(answer.headers.at("content-security-policy").starts_with("default-src 'none'"));
    for (const char* field : {"set-cookie", "access-control-allow-origin", "location"})
        CHECK_FALSE(answer.headers.contains(field));
}

TEST_CASE("an early rejection by another server reaches the client that is still sending") {
    const std::string body =
        R"({"type":"about:blank","title":"Conflict","status":409,"detail":"a; b","code":"OFFSET_MISMATCH"})";
    const Planted planted(
        "HTTP/1.1 409 Conflict\r\nContent-Type: application/problem+json\r\n"
        "Upload-Offset: 7\r\nConnection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    const RunningServer server = planted.serve(true);
    const Headers admin = server.signInAdmin();
    plant(planted.redis, "b1", "admin", planted.fake.url());
    for (int round = 0; round < 5; ++round) {
        const Reply reply = server.patch("b1", 0, std::string(20'000'000, 'a'), admin);
        INFO(reply.body);
        CHECK(reply.status == 409);
        CHECK(reply.headers.at("upload-offset") == "7");
    }
}

TEST_CASE("an unknown id costs one request to Redis and no pause") {
    const Planted planted;
    const RunningServer server = planted.serve(true);
    const Headers admin = server.signInAdmin();
    const auto asked = [&] {
        const std::string line = planted.redis.cli("INFO commandstats");
        const std::size_t at = line.find("cmdstat_hgetall:calls=");
        return at == std::string::npos ? 0 : std::stoi(line.substr(at + 22));
    };
    const int before = asked();
    for (int i = 0; i < 10; ++i)
        CHECK(server.client().get(at("unknown" + std::to_string(i), ""), admin).status == 404);
    CHECK(asked() - before == 10);
}
