// The audit trail of a running server, as an admin reads it.
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// "USER ACTION SUBJECT DETAIL STATUS" of each entry, newest first.
std::vector<std::string> trailOf(const RunningServer& server, const Headers& admin,
                                 const std::string& query = "") {
    const Reply reply = server.client().get("/api/audit" + query, admin);
    REQUIRE(reply.status == 200);
    const auto page = Poco::JSON::Parser().parse(reply.body).extract<Poco::JSON::Object::Ptr>();
    const auto items = page->getArray("items");
    std::vector<std::string> trail;
    for (unsigned i = 0; i < items->size(); ++i) {
        const auto entry = items->getObject(i);
        std::string line;
        for (const char* name : {"user", "action", "subject", "detail", "status"})
            line += (line.empty() ? "" : " ") + entry->get(name).convert<std::string>();
        trail.push_back(line);
        CHECK_FALSE(entry->getValue<std::string>("at").empty());
    }
    return trail;
}

bool contains(const std::vector<std::string>& trail, const std::string& line) {
    return std::find(trail.begin(), trail.end(), line) != trail.end();
}

}  // namespace

TEST_CASE("an admin reads who did what in the audit trail") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers ann = server.addUser("ann", admin);
    CHECK(server.login("ann", "a wrong password").status == 401);
    const std::string id = server.create("squares", ann);
    server.stream(id, ann);
    CHECK(server.client().get(at(id, "/artifacts/out.csv"), ann).status == 200);
    CHECK(server.client().get(at(id, "/artifacts/missing.csv"), ann).status == 404);
    CHECK(server.client().get(at(id, "/results"), ann).status == 200);
    CHECK(server.client().send("POST", at(id, "/cancel"), "", ann).status == 409);
    CHECK(server.client().send("DELETE", at(id, ""), "", ann).status == 204);
    CHECK(server.client().send("DELETE", "/api/users/ann", "", admin).status == 204);
    REQUIRE(runProgram(site.folder.path(), {"user", "disable", "ann"}).status != 0);

    const auto trail = trailOf(server, admin);
    for (const std::string& line : std::vector<std::string>{
             "admin sign_in   200", "admin user_add ann  201", "ann sign_in   200",
             "ann sign_in_failed   401", "ann batch_create " + id + "  201",
             "ann artifact_download " + id + " out.csv 200",
             "ann artifact_download_failed " + id + " missing.csv 404",
             "ann results_download " + id + "  200", "ann batch_cancel_failed " + id + "  409",
             "ann batch_delete " + id + "  204", "admin user_remove ann  204"}) {
        INFO(line);
        CHECK(contains(trail, line));
    }
    CHECK(trailOf(server, admin, "?subject=" + id + "&action=batch_delete").size() == 1);
    CHECK(trailOf(server, admin, "?limit=1").size() == 1);
    CHECK(trailOf(server, admin).at(0) == "admin audit_read   200");
}

TEST_CASE("only admins read the audit trail, which includes changes by commands") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers ann = server.addUser("ann", admin);
    CHECK(server.client().get("/api/audit", ann).status == 403);
    CHECK(server.client().get("/api/audit").status == 401);
    CHECK(server.client().get("/api/audit?after=x", admin).status == 400);
    CHECK(contains(trailOf(server, admin), "ann audit_read_failed   403"));
    REQUIRE(runProgram(site.folder.path(), {"user", "disable", "ann"}).status == 0);
    const auto by_command = trailOf(server, admin, "?action=user_change");
    REQUIRE(by_command.size() == 1);
    CHECK_THAT(by_command[0], Catch::EndsWith(" user_change ann command 0"));
    CHECK(contains(trailOf(server, admin), "(server) user_add admin  0"));
    // A call without a user leaves no entry, so that a stranger cannot fill the trail.
    CHECK(trailOf(server, admin, "?user=").empty());
    // The text of a stranger fills only one line.
    server.login("x\ny\x1b[2J", "a wrong password");
    CHECK(contains(trailOf(server, admin), "x\\ny\\x1b[2J sign_in_failed   401"));
}
