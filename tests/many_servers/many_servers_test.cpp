// A client sees the same on each of three servers with one history.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "postgres_server.h"
#include "server_group.h"

using namespace sheafline::test;
using sheafline::eventually;

namespace {

std::vector<std::string> idsOf(const std::vector<StreamedEvent>& events) {
    std::vector<std::string> ids;
    for (const StreamedEvent& event : events) ids.push_back(event.id);
    return ids;
}

std::vector<std::string> upTo(std::size_t last) {
    std::vector<std::string> ids;
    for (std::size_t id = 1; id <= last; ++id) ids.push_back(std::to_string(id));
    return ids;
}

}  // namespace

TEST_CASE("each server lists, finds and shows the batches of all servers") {
    const ServerGroup group;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 3; ++i) {
        Headers json = with(group.admin, {{"Content-Type", "application/json"}});
        const Reply made = group.client(i).send(
            "POST", "/api/batches",
            R"({"pipeline":"squares","name":"scan )" + std::to_string(i) + "\"}", json);
        REQUIRE(made.status == 201);
        ids.push_back(value(made.body, "batch_id"));
    }
    for (const std::string& id : ids)
        CHECK(group.any.stream(id, group.admin).back().name == "complete");
    const auto same = [&](const std::string& path) {
        INFO(path);
        const auto answers = group.answers(path, group.admin);
        CHECK(answers.size() == 1);
        CHECK_THAT(answers.front(), Catch::StartsWith("200 "));
        return answers.front();
    };
    const std::string list = same("/api/batches");
    for (const std::string& id : ids) {
        CHECK_THAT(list, Catch::Contains(id));
        same(at(id, "/status"));
        same(at(id, "/progress?after=0"));
        same(at(id, "/results"));
        same(at(id, "/artifacts/out.csv"));
        same(at(id, "/sheets/7"));
    }
    CHECK_THAT(same("/api/batches?q=scan%201"),
               Catch::Contains(ids[1]) && !Catch::Contains(ids[0]) && !Catch::Contains(ids[2]));
}

TEST_CASE("one Idempotency-Key gives one batch, whichever servers get its requests") {
    const ServerGroup group;
    const Headers once = with(group.admin, {{"Content-Type", "application/json"},
                                            {"Idempotency-Key", "the-same-request"}});
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 6; ++i) {
        const Reply reply =
            group.client(i % 3).send("POST", "/api/batches", R"({"pipeline":"squares"})", once);
        INFO(reply.body);
        CHECK((reply.status == 200 || reply.status == 201));
        ids.push_back(value(reply.body, "batch_id"));
    }
    CHECK(std::ranges::count(ids, ids.front()) == 6);
    const Reply other =
        group.client(1).send("POST", "/api/batches", R"({"pipeline":"slow"})", once);
    CHECK(other.status == 422);
}

TEST_CASE("a session, its end, a token and a new user count on each server") {
    const ServerGroup group;
    const Headers alice = group.any.addUser("alice", group.admin);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(group.client(i).get("/api/batches", alice).status == 200);
    CHECK(group.client(2).send("POST", "/api/auth/logout", "", alice).status / 100 == 2);
    for (std::size_t i = 0; i < 3; ++i) {
        const HttpClient client = group.client(i);
        CHECK(eventually([&] { return client.get("/api/batches", alice).status == 401; }));
    }
    const Reply made = group.client(0).send(
        "POST", "/api/tokens", R"({"name":"t","scopes":["read"],"expires_days":1})",
        with(group.admin, {{"Content-Type", "application/json"}}));
    REQUIRE(made.status == 201);
    const Headers token{{"Authorization", "Bearer " + value(made.body, "token")}};
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(group.client(i).get("/api/batches", token).status == 200);
    CHECK(group.client(1)
              .send("DELETE", "/api/tokens/" + value(made.body, "id"), "", group.admin)
              .status == 204);
    for (std::size_t i = 0; i < 3; ++i) {
        const HttpClient client = group.client(i);
        CHECK(eventually([&] { return client.get("/api/batches", token).status == 401; }));
    }
}

TEST_CASE("the quota of a user counts what all servers have") {
    const ServerGroup group;
    const Headers alice = group.any.addUser("alice", group.admin);
    REQUIRE(group.client(0)
                .send("PUT", "/api/users/alice/quota", R"({"bytes":1000})",
                      with(group.admin, {{"Content-Type", "application/json"}}))
                .status == 200);
    CHECK(group.answers("/api/auth/quota", alice).size() == 1);
    const auto open = [&](std::size_t index, int length) {
        return group.client(index)
            .send("POST", "/api/batches",
                  R"({"pipeline":"keep","length":)" + std::to_string(length) + "}",
                  with(alice, {{"Content-Type", "application/json"}}))
            .status;
    };
    CHECK(open(0, 600) == 201);
    CHECK(open(1, 600) == 413);
    CHECK(open(2, 300) == 201);
    CHECK(group.answers("/api/auth/quota", alice).size() == 1);
}

TEST_CASE("each part of an upload may reach another server") {
    const ServerGroup group;
    const std::string bytes(90'000, 'x');
    const std::string id = group.any.openUpload(bytes.size(), group.admin);
    for (std::size_t part = 0; part < 9; ++part) {
        const HttpClient client = group.client(part % 3);
        Reply reply;
        // The server of the part before it may still write to the disk.
        REQUIRE(eventually([&] {
            reply = client.send(
                "PATCH", "/api/uploads/" + id, bytes.substr(part * 10'000, 10'000),
                with(group.admin, {{"Tus-Resumable", "1.0.0"},
                                   {"Upload-Offset", std::to_string(part * 10'000)},
                                   {"Content-Type", "application/offset+octet-stream"}}));
            return reply.status != 423;
        }));
        INFO(reply.body);
        REQUIRE(reply.status == 204);
        CHECK(reply.headers.at("upload-offset") == std::to_string((part + 1) * 10'000));
    }
    CHECK(group.any.stream(id, group.admin).back().name == "complete");
}

TEST_CASE("a stream from each server has every event of a batch once and in order") {
    const ServerGroup group;
    const std::string id = group.any.create("slow", group.admin);
    std::vector<std::vector<std::string>> ids(3);
    {
        std::vector<std::jthread> clients;
        for (std::size_t i = 0; i < 3; ++i) {
            clients.emplace_back([&, i] {
                ids[i] =
                    idsOf(curlStream(group.servers().urlOf(i) + at(id, "/stream"), group.admin));
            });
        }
    }
    REQUIRE(ids[0].size() > 3);
    for (const auto& seen : ids) CHECK(seen == upTo(ids[0].size()));
}

TEST_CASE("PostgreSQL of a test outlives the thread that started it again") {
    PostgresServer postgres;
    std::jthread([&] {
        postgres.stopImmediately();
        postgres.start();
    }).join();
    for (int i = 0; i < 5; ++i) CHECK(postgres.query("SELECT 1") == "1");
}
