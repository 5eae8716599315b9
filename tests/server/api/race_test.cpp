// Simultaneous requests: each change happens once, and none is an internal error.
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline::test;

namespace {

using Statuses = std::map<int, int>;  // the number of each answer

template <typename Request>
Statuses together(int count, Request request) {
    std::vector<int> statuses(static_cast<std::size_t>(count));
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < count; ++i)
            threads.emplace_back([&, i] { statuses[static_cast<std::size_t>(i)] = request(i); });
    }
    Statuses counts;
    for (const int status : statuses) ++counts[status];
    return counts;
}

constexpr const char* kRefuses = R"(
name: refuses
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 10}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 1, refuse: 7}}
)";

std::string refusedBatch(const RunningServer& server, const Headers& who) {
    const std::string id = server.create("refuses", who);
    REQUIRE(server.stream(id, who).back().name == "complete");
    return id;
}

}  // namespace

TEST_CASE("eight decisions about one sheet at once are one 202 and seven 409") {
    const Site site;
    site.folder.write("pipelines/refuses.yaml", kRefuses);
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = refusedBatch(server, admin);
    const Statuses statuses = together(8, [&](int) {
        return server.post(at(id, "/sheets/7/fix"), R"({"discard":true})", admin).status;
    });
    CHECK(statuses == Statuses{{202, 1}, {409, 7}});
    REQUIRE(server.stream(id, admin).back().name == "complete");
    CHECK(value(server.client().get(at(id, "/status"), admin).body, "execution") == "2");
}

TEST_CASE("decisions about a sheet and deletes of its batch at once are never an internal error") {
    const Site site;
    site.folder.write("pipelines/refuses.yaml", kRefuses);
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = refusedBatch(server, admin);
    const Statuses statuses = together(12, [&](int i) {
        switch (i % 3) {
            case 0:
                return server.post(at(id, "/sheets/7/fix"), R"({"discard":true})", admin).status;
            case 1:
                return server.client().send("DELETE", at(id, ""), "", admin).status;
            default:
                return server.client().get(at(id, "/sheets/7"), admin).status;
        }
    });
    for (const auto& [status, count] : statuses) {
        INFO(status);
        CHECK((status == 200 || status == 202 || status == 204 || status == 404 || status == 409));
    }
}

TEST_CASE("a user that is added or removed eight times at once is added or removed once") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Statuses added = together(8, [&](int) {
        return server.post("/api/users", R"({"user":"eve","password":"a long password"})", admin)
            .status;
    });
    CHECK(added == Statuses{{201, 1}, {409, 7}});
    const Statuses removed = together(
        8, [&](int) { return server.client().send("DELETE", "/api/users/eve", "", admin).status; });
    CHECK(removed == Statuses{{204, 1}, {404, 7}});
}

TEST_CASE("eight deletes of one batch at once are one 204 and seven 404") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("fails", admin);
    REQUIRE(server.stream(id, admin).back().name == "error");
    const Statuses statuses = together(
        8, [&](int) { return server.client().send("DELETE", at(id, ""), "", admin).status; });
    CHECK(statuses == Statuses{{204, 1}, {404, 7}});
    CHECK_FALSE(std::filesystem::exists(site.folder / stored("batches/" + id)));
}

TEST_CASE("eight retries of one batch at once open one execution") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("fails", admin);
    REQUIRE(server.stream(id, admin).back().name == "error");
    const Statuses statuses =
        together(8, [&](int) { return server.post(at(id, "/retry"), "", admin).status; });
    for (const auto& [status, count] : statuses) CHECK((status == 202 || status == 409));
    REQUIRE(statuses.contains(202));
    REQUIRE(server.stream(id, admin).back().name == "error");
    const std::string execution =
        value(server.client().get(at(id, "/status"), admin).body, "execution");
    CHECK(std::stoi(execution) == 1 + statuses.at(202));
}

TEST_CASE("retries and deletes of one batch at once are never an internal error") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("fails", admin);
    REQUIRE(server.stream(id, admin).back().name == "error");
    const Statuses statuses = together(12, [&](int i) {
        return i % 2 == 0 ? server.post(at(id, "/retry"), "", admin).status
                          : server.client().send("DELETE", at(id, ""), "", admin).status;
    });
    for (const auto& [status, count] : statuses) {
        INFO(status);
        CHECK((status == 202 || status == 204 || status == 404 || status == 409));
    }
}

TEST_CASE("a change of a user with one wrong field changes nothing") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    server.addUser("eve", admin);
    for (const char* wrong :
         {R"({"password":"another password","role":"king"})",
          R"({"role":"admin","disabled":"yes"})", R"({"role":"admin","password":"short"})",
          R"({"role":"admin","colour":"red"})"}) {
        const Reply reply = server.client().send(
            "PATCH", "/api/users/eve", wrong, with(admin, {{"Content-Type", "application/json"}}));
        INFO(wrong << ' ' << reply.body);
        CHECK(reply.status == 422);
    }
    CHECK(server.login("eve", kPassword).status == 200);
    CHECK(server.client().get("/api/users", server.signIn("eve", kPassword)).status == 403);
}

TEST_CASE("an order with a wrong or unknown field is rejected with the field's name") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    for (const char* field :
         {R"("length":-1)", R"("length":1.5)", R"("length":"8")", R"("length":true)",
          R"("sha256":"ABC")", R"("sha256":7)", R"("lenght":5)"}) {
        const std::string order = std::string(R"({"pipeline":"keep",)") + field + '}';
        const Reply reply = server.post("/api/batches", order, admin);
        INFO(order << ' ' << reply.body);
        CHECK(reply.status == 422);
        CHECK(value(reply.body, "code") == "INVALID_FIELD");
    }
}

TEST_CASE("thirty sign-ins at once are answered or told to come later") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Statuses statuses = together(30, [&](int i) {
        return server.login("user" + std::to_string(i), "not a password").status;
    });
    for (const auto& [status, count] : statuses) CHECK((status == 401 || status == 503));
    CHECK(statuses.at(401) >= 16);
    CHECK(server.client().get("/api/batches", admin).status == 200);
}
