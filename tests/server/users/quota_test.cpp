// The quota of a user: shown to the user and to admins, and set by admins.
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

struct QuotaFixture {
    Site site{};
    RunningServer server{
        site, "0", {{"SHEAFLINE_USER_UPLOADS", "3"}, {"SHEAFLINE_USER_QUOTA", "10000"}}};
    Headers admin = server.signInAdmin();
    Headers alice = server.addUser("alice", admin);

    Reply set(const std::string& user, const std::string& json, const Headers& who) const {
        return server.client().send("PUT", "/api/users/" + user + "/quota", json,
                                    with(who, {{"Content-Type", "application/json"}}));
    }
    std::string own() const { return server.client().get("/api/auth/quota", alice).body; }
    int upload(std::size_t length) const {
        return server
            .post("/api/batches", R"({"pipeline":"keep","length":)" + std::to_string(length) + "}",
                  alice)
            .status;
    }
};

}  // namespace

TEST_CASE("a user sees what is used of the quota, and its limits") {
    const QuotaFixture q;
    CHECK(q.own() == R"({"user":"alice","bytes":{"used":0,"limit":10000,"own_limit":null},)"
                     R"("uploads":{"used":0,"limit":3,"own_limit":null}})");
    q.server.openUpload(4'000, q.alice);
    CHECK_THAT(q.own(), Catch::Contains(R"("bytes":{"used":4000,)"));
    CHECK_THAT(q.own(), Catch::Contains(R"("uploads":{"used":1,)"));
    CHECK(q.server.client().get("/api/users/alice/quota", q.admin).body == q.own());
    CHECK(q.server.client().get("/api/users/alice/quota", q.alice).status == 403);
    CHECK(q.server.client().get("/api/users/nobody/quota", q.admin).status == 404);
}

TEST_CASE("the limits that an admin sets for a user count for its next upload") {
    const QuotaFixture q;
    CHECK(q.set("alice", R"({"bytes":50000})", q.alice).status == 403);
    CHECK(q.upload(20'000) == 413);
    CHECK(q.set("alice", R"({"bytes":50000,"uploads":2})", q.admin).body ==
          R"({"user":"alice","bytes":{"used":0,"limit":50000,"own_limit":50000},)"
          R"("uploads":{"used":0,"limit":2,"own_limit":2}})");
    CHECK(q.upload(20'000) == 201);
    CHECK(q.upload(1'000) == 201);
    CHECK(q.upload(1'000) == 429);
    // A lower limit removes nothing, and other users keep theirs.
    CHECK(q.set("alice", R"({"bytes":100,"uploads":3})", q.admin).status == 200);
    CHECK(q.upload(50) == 413);
    CHECK_THAT(q.own(), Catch::Contains(R"("used":21000,"limit":100)"));
    CHECK_THAT(q.server.client().get("/api/users/admin/quota", q.admin).body,
               Catch::Contains(R"("limit":10000,"own_limit":null)"));
    CHECK(q.set("alice", R"({"bytes":0,"uploads":0})", q.admin).status == 200);
    CHECK(q.upload(1) == 413);
    CHECK(q.set("alice", "{}", q.admin).status == 200);
    CHECK_THAT(q.own(), Catch::Contains(R"("limit":10000,"own_limit":null)"));
    CHECK_THAT(q.server.client().get("/api/audit?action=user_quota", q.admin).body,
               Catch::Contains(R"("subject":"alice")"));
}

TEST_CASE("a limit that is no whole number in its range is rejected and changes nothing") {
    const QuotaFixture q;
    REQUIRE(q.set("alice", R"({"bytes":5000})", q.admin).status == 200);
    for (const char* json :
         {R"({"bytes":-1})", R"({"bytes":"9"})", R"({"bytes":1.5})", R"({"bytes":true})",
          R"({"bytes":9007199254740993})", R"({"bytes":99999999999999999999999})",
          R"({"uploads":1001})", R"({"uploads":[]})", R"({"files":1})", "[]", ""}) {
        INFO(json);
        const int status = q.set("alice", json, q.admin).status;
        CHECK((status == 422 || status == 400));
        CHECK_THAT(q.own(), Catch::Contains(R"("limit":5000)"));
    }
}
