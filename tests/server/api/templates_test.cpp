// Templates over HTTP, and their printed sheets.
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

struct TemplatesFixture {
    Site site{};
    RunningServer server{
        site, "0", {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}}};
    Headers admin{server.signInAdmin()};

    Reply print(const std::string& order) const {
        return server.post("/api/templates/print", order, admin);
    }
};

}  // namespace

TEST_CASE("the templates beside the pipelines are listed and printed over HTTP") {
    const TemplatesFixture t;
    const Reply list = t.server.client().get("/api/templates", t.admin);
    CHECK(
        list.body ==
        R"({"items":[{"name":"demo-exam"},{"name":"demo-sheet"},{"name":"demo-two-pages"}],"next":null})");
    const Reply pdf = t.print(
        R"({"templates":["demo-sheet"],"roster":"id,name,class\n1,Ana,7B\n2,Ben,7B\n","title":"Algebra","paper":"letter"})");
    INFO(pdf.body.substr(0, 500));
    REQUIRE(pdf.status == 200);
    CHECK(pdf.body.starts_with("%PDF-"));
    CHECK_THAT(pdf.body, Catch::Contains("/Count 2"));
    CHECK_THAT(pdf.body, Catch::Contains("%%EOF"));
    CHECK(t.server.client().get("/api/templates").status == 401);
}

TEST_CASE("an order to print that cannot be done is rejected with its reason") {
    const TemplatesFixture t;
    const auto [order, status, reason] = GENERATE(table<std::string, int, std::string>({
        {R"({"templates":["no"]})", 404, "there is no template 'no'"},
        {R"({"templates":["../omr-batch"]})", 404, "there is no template"},
        {R"({"templates":["/etc/passwd"]})", 404, "there is no template"},
        {R"({"templates":[]})", 422, "'templates' must be a list of 1 to 20 names"},
        {R"({"templates":"demo-sheet"})", 422, ""},
        {R"({"templates":["demo-sheet"],"copies":2001})", 422, "'copies' must be a number"},
        {R"({"templates":["demo-sheet"],"copies":true})", 422, "'copies' must be a number"},
        {R"({"templates":["demo-sheet"],"roster":"id\n1\n","copies":2})", 422, "blank forms"},
        {R"({"templates":["demo-sheet"],"paper":"a3"})", 422, "'paper' must be a4 or letter"},
        {R"({"templates":["demo-sheet"],"title":7})", 422, "'title' must be a text"},
        {R"({"templates":["demo-sheet"],"roster":"name\nAna\n"})", 422, "no column 'id'"},
        {R"({"templates":["demo-sheet"],"code":"{x}"})", 422, "there is no 'x'"},
        {R"({"templates":["demo-sheet"],"logo":"/etc/passwd"})", 422, "logo"},
        {R"({"templates":["demo-sheet","demo-exam"],"copies":1001})", 422, "2002 pages"},
    }));
    const Reply reply = t.print(order);
    CAPTURE(order, reply.body);
    CHECK(reply.status == status);
    CHECK_THAT(reply.body, Catch::Contains(reason));
}

TEST_CASE("a viewer may list the templates but not print") {
    const TemplatesFixture t;
    const Headers vera = t.server.addUser("vera", t.admin, "viewer");
    CHECK(t.server.client().get("/api/templates", vera).status == 200);
    CHECK(t.server.post("/api/templates/print", R"({"templates":["demo-sheet"]})", vera).status ==
          403);
}

TEST_CASE("a template with errors and a missing letter are reported without places of the server") {
    const Site site;
    std::filesystem::create_directories(site.folder.path() / "pipelines/templates");
    site.folder.write("pipelines/templates/broken.yaml", "sheet: broken\npage: {width: 210}\n");
    site.folder.write(
        "pipelines/templates/plain.yaml",
        "sheet: plain\npage: {width: 210, height: 297}\nfields:\n  - {name: q, values: "
        "ABC, origin: [20, 40], value_step: [7, 0], radius: 2}\n");
    const RunningServer server(
        site, "0", {{"SHEAFLINE_PIPELINES_DIR", (site.folder.path() / "pipelines").string()}});
    const Headers admin = server.signInAdmin();
    const auto print = [&](const std::string& order) {
        return server.post("/api/templates/print", order, admin);
    };
    const Reply broken = print(R"({"templates":["broken"]})");
    CHECK(broken.status == 422);
    CHECK_THAT(broken.body, Catch::Contains("the template 'broken' has errors"));
    const Reply letter = print(R"({"templates":["plain"],"title":"数学"})");
    CHECK(letter.status == 422);
    for (const Reply& reply : {broken, letter}) {
        CHECK_THAT(reply.body, !Catch::Contains(site.folder.path().string()));
        CHECK_THAT(reply.body, !Catch::Contains("/usr/"));
    }
    CHECK(print(R"({"templates":["plain"]})").status == 200);
}
