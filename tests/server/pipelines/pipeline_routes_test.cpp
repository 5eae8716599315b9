// The graph and the file of an installed pipeline over HTTP.
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kGuarded = R"(name: guarded
description: Calls a receiver
params:
  on: {type: boolean, default: true}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 1}}
  - {id: table, uses: probe, if: params.on}
review: {before: table}
finally:
  - {id: tidy, uses: probe}
sinks:
  - uses: webhook
    with: {url: "https://robot:hunter2hunter2@receiver.example/hook", secret: topsecretvalue}
)";

}  // namespace

TEST_CASE("the graph of a pipeline over HTTP is what the command prints") {
    const Site site;
    site.folder.write("pipelines/guarded.yaml", kGuarded);
    const RunningServer server(site);
    const Headers viewer = server.addUser("vera", server.signInAdmin(), "viewer");
    const Reply graph = server.client().get("/api/pipelines/guarded/graph", viewer);
    CHECK(graph.status == 200);
    CHECK(
        graph.body ==
        R"({"name":"guarded","description":"Calls a receiver","nodes":[)"
        R"({"id":"make","uses":"probe","kind":"stage","condition":"","review":false},)"
        R"({"id":"table","uses":"probe","kind":"stage","condition":"params.on","review":true},)"
        R"({"id":"tidy","uses":"probe","kind":"finally","condition":"","review":false}],"edges":[)"
        R"({"from":"make","to":"table","kind":"needs"},{"from":"table","to":"tidy","kind":"finally"}],)"
        R"("sinks":["webhook"]})");
    const auto printed =
        runProgram(site.folder.path(), {"graph", "pipelines/guarded.yaml", "--format", "json"});
    CHECK(printed.out == graph.body + "\n");
}

TEST_CASE("the file of a pipeline over HTTP has no secret and is for those who create batches") {
    const Site site;
    site.folder.write("pipelines/guarded.yaml", kGuarded);
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers operator_ = server.addUser("olga", admin);
    const Headers viewer = server.addUser("vera", admin, "viewer");
    const std::string path = "/api/pipelines/guarded/source";
    const Reply source = server.client().get(path, operator_);
    CHECK(source.status == 200);
    CHECK(source.headers.at("content-type") == "application/yaml");
    CHECK_THAT(source.body, Catch::Contains("https://robot:***@receiver.example/hook"));
    CHECK_THAT(source.body, Catch::Contains("secret: ***}"));
    CHECK(source.body.find("hunter2") == std::string::npos);
    CHECK(source.body.find("topsecret") == std::string::npos);
    CHECK(server.client().get(path, viewer).status == 403);
    CHECK(server.client().get(path).status == 401);
}

TEST_CASE("a pipeline that is not installed has no graph and no file") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    for (const char* name : {"none", "squares.yaml", "..%2fpipelines%2fsquares", "%2e%2e"}) {
        for (const char* what : {"/graph", "/source"}) {
            const Reply reply =
                server.client().get(std::string("/api/pipelines/") + name + what, admin);
            INFO(name << what << ": " << reply.body);
            CHECK((reply.status == 404 || reply.status == 400));
        }
    }
}
