// What people call a batch, over HTTP and on the command line.
#include <string>

#include <catch2/catch.hpp>

#include "ended_batch.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

struct NamesFixture {
    Site site{};
    RunningServer server{
        site, "0", {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}}};
    Headers admin{server.signInAdmin()};

    std::string created(const std::string& query, const std::string& body) const {
        const Reply made =
            server.client().send("POST", "/api/batches?pipeline=omr-batch" + query, body,
                                 with(admin, {{"Content-Type", "application/zip"}}));
        INFO(made.body);
        REQUIRE(made.status == 201);
        return value(made.body, "batch_id");
    }
    Reply get(const std::string& path) const { return server.client().get(path, admin); }
    Reply change(const std::string& id, const std::string& body) const {
        return server.client().send("PATCH", at(id, ""), body,
                                    with(admin, {{"Content-Type", "application/json"}}));
    }
};

}  // namespace

TEST_CASE_METHOD(NamesFixture, "a batch has a name and labels, is found by them and renamed") {
    const std::string id =
        created("&filename=Week%2012.zip&label.class=7B&set.exam=math", site.archive(1));
    const std::string batch = get(at(id, "")).body;
    CHECK(value(batch, "name") == "Week 12.zip");
    CHECK(value(batch, "filename") == "Week 12.zip");
    CHECK(value(batch, "exam") == "math");
    CHECK_THAT(batch, Catch::Contains(R"("labels":{"class":"7B"})"));
    for (const char* part : {"week%2012", "class%3D7B", "math"}) {
        INFO(part);
        CHECK_THAT(get("/api/batches?q=" + std::string(part)).body, Catch::Contains(id));
    }
    CHECK_THAT(get("/api/batches?q=class%3D8").body, !Catch::Contains(id));
    const Reply renamed = change(id, R"({"name":"Math, 7B","labels":{"room":"12"}})");
    CHECK(renamed.status == 200);
    CHECK(value(renamed.body, "name") == "Math, 7B");
    CHECK_THAT(renamed.body, Catch::Contains(R"("labels":{"room":"12"})"));
    CHECK(value(get(at(id, "")).body, "filename") == "Week 12.zip");
    CHECK_THAT(get("/api/audit?action=batch_change").body, Catch::Contains(id));
    CHECK(change(id, R"({"name":"a\nb"})").status == 422);
    CHECK(change(id, R"({"labels":{"a b":"x"}})").status == 422);
    CHECK(change(id, R"({"labels":{"a":1}})").status == 422);
    CHECK(change(id, "{}").status == 422);
    CHECK(change("no-such", R"({"name":"x"})").status == 404);
    CHECK(get("/api/batches?sort=odd").status == 400);
    CHECK(get("/api/batches?sort=name&after=1-2").status == 400);
}

TEST_CASE_METHOD(NamesFixture, "a list sorted by name is paged") {
    for (const char* name : {"b%22x", "C", "a"})
        created("&name=" + std::string(name), site.archive(1));
    std::string names;
    std::string after;
    while (true) {
        const Reply page = get("/api/batches?sort=name&limit=1" + after);
        REQUIRE(page.status == 200);
        names += value(page.body, "name") + " ";
        if (page.body.find("\"next\":null") != std::string::npos) break;
        after = "&after=" + value(page.body, "next");
    }
    CHECK_THAT(names, Catch::StartsWith("a b") && Catch::EndsWith(" C "));
}

TEST_CASE_METHOD(NamesFixture, "errors of an archive name the file as it was sent") {
    const std::string id = created("&filename=Week%2012.zip", "this is no archive");
    REQUIRE(server.stream(id, admin).back().name == "error");
    const std::string status = get(at(id, "/status")).body;
    CHECK_THAT(status, Catch::Contains("Week 12.zip") && !Catch::Contains("archive.zip"));
    // The stages that never started are listed in the order of the pipeline file.
    std::size_t place = 0;
    for (const char* stage : {"extract", "organize", "collect", "csv", "load", "cleanup"}) {
        INFO(stage);
        place = status.find("\"stage_id\":\"" + std::string(stage), place);
        REQUIRE(place != std::string::npos);
    }
    CHECK_THAT(status, Catch::Contains(R"("active_seconds")"));
}

TEST_CASE("run and batches show the name and the labels of a batch") {
    const Site site;
    site.folder.write("Class 7B.zip", site.archive(1));
    const auto run = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                                           "--input", "Class 7B.zip"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return runProgram(site.folder.path(), arguments);
    };
    REQUIRE(run({"--batch-id", "one", "--label", "class=7B"}).status == 0);
    REQUIRE(run({"--batch-id", "two", "--name", "Second"}).status == 0);
    const auto shown = runProgram(site.folder.path(), {"batches", "show", "one"});
    CHECK_THAT(shown.out,
               Catch::Contains("name      Class 7B.zip") && Catch::Contains("label     class=7B"));
    CHECK_THAT(runProgram(site.folder.path(), {"batches"}).out, Catch::Contains("Second"));
    CHECK(run({"--name", " "}).status == 2);
    CHECK(run({"--label", "class"}).status == 2);
}
