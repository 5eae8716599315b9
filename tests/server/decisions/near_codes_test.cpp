// Codes of the class list for sheets without a readable code, and the filter by class.
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

const std::string kTemplate = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-exam.yaml";

// Sheets of five students of the list have a readable code; sheet 1 has none.
struct ClassFixture {
    Site site{};
    RunningServer server{prepared(site)};
    Headers admin = server.signInAdmin();
    std::string id{};

    ClassFixture() {
        REQUIRE(runProgram(site.folder.path(), {"sample", "--sheets", "4", "--seed", "3",
                                                "--bad-cases", "--out", "bad.zip"})
                    .status == 0);
        const Reply reply =
            server.client().send("POST", "/api/batches?pipeline=class", site.folder.read("bad.zip"),
                                 with(admin, {{"Content-Type", "application/zip"}}));
        INFO(reply.body);
        REQUIRE(reply.status == 201);
        id = value(reply.body, "batch_id");
        REQUIRE(server.stream(id, admin).back().name == "complete");
    }

    static const Site& prepared(const Site& site) {
        site.folder.write("pipelines/class.csv",
                          "id,name,class\n7139053,Ana,5A\n7146972,Ben,5A\n7154891,Cai,5A\n"
                          "7162810,Dee,5A\n7202405,Eve,5C\n7194486,Fay,5A\n7210324,Gus,5A\n"
                          "7139999,Max,5A\n7250001,Zoe,5B\n");
        site.folder.write(
            "pipelines/class.yaml",
            "name: class\nparams:\n  input: {type: path, required: true}\nstages:\n"
            "  - {id: extract, uses: extract, with: {archive: \"${{ params.input }}\"}}\n"
            "  - {id: organize, uses: organize_qr, with: {pattern: "
            "\"(?<exam>[A-Z0-9]+)-(?<class>[A-Z0-9]+)/(?<page>[0-9]+)/(?<student>[0-9]+)\", "
            "group_by: \"{exam}-{class}\", on_unreadable: quarantine, template: " +
                kTemplate +
                "}}\n"
                "  - {id: process, uses: dispatch, with: {processor: omr, template: " +
                kTemplate + "}}\n  - {id: collect, uses: collect, with: {roster: class.csv}}\n");
        return site;
    }
    std::string codes(const std::string& query) const {
        const Reply reply = server.client().get(at(id, "/sheets/1/codes" + query), admin);
        INFO(reply.body);
        REQUIRE(reply.status == 200);
        return reply.body;
    }
    std::size_t countIn(const std::string& list) const {
        return countOf(server.client().get(at(id, list), admin).body, R"("sheet":)");
    }
};

}  // namespace

TEST_CASE("codes of the class list are suggested, the ones most like what was typed first") {
    const ClassFixture f;
    CHECK(f.codes("?q=MATH-5A/1/7139998&limit=2") ==
          R"({"items":[{"code":"MATH-5A/1/7139999","student":"7139999","name":"Max","class":"5A",)"
          R"("page":"1","edits":1,"sheet":null},{"code":"MATH-5A/1/7139053","student":"7139053",)"
          R"("name":"Ana","class":"5A","page":"1","edits":3,"sheet":4}],"next":null})");
    // A student of a class without any sheet has a code of this class.
    CHECK_THAT(f.codes("?q=7250001&limit=1"), Catch::Contains(R"("code":"MATH-5B/1/7250001")"));
    // Nothing was read from sheet 1, so codes that no sheet has come first.
    const std::string all = f.codes("");
    CHECK(countOf(all, R"("code":)") == 9);
    CHECK(countOf(all, R"("edits":null)") == 9);
    CHECK(all.find(R"("student":"7139999")") < all.find(R"("student":"7139053")"));
    CHECK(all.find(R"("student":"7250001")") < all.find(R"("student":"7139053")"));
    CHECK(countOf(f.codes("?q=" + std::string(3'000, 'x')), R"("code":)") == 9);
}

TEST_CASE("a sheet or a batch without a class list has no codes to suggest") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    server.stream(id, admin);
    CHECK(value(server.client().get(at(id, "/sheets/1/codes"), admin).body, "code") == "NO_ROSTER");
    for (const char* sheet : {"0", "41", "x", "99999999999999999999"})
        CHECK(
            server.client().get(at(id, std::string("/sheets/") + sheet + "/codes"), admin).status ==
            404);
    CHECK(server.client().get(at(id, "/sheets/1/codes?limit=101"), admin).status == 400);
    CHECK(server.client().get(at(id, "/results?class=5A"), admin).status == 400);
    CHECK(server.client().get(at(id, "/answers?class=5A"), admin).status == 400);
}

TEST_CASE("results and doubtful answers are listed by class") {
    const ClassFixture f;
    CHECK(f.countIn("/results?class=5C") == 1);
    CHECK(f.countIn("/results?class=5A&state=read") == 6);
    CHECK(f.countIn("/results?class=5a") == 0);
    CHECK(f.countIn("/results?class=%27") == 0);
    const std::size_t all = f.countIn("/answers?question=sheet");
    REQUIRE(all > 0);
    CHECK(f.countIn("/answers?question=sheet&class=5A") +
              f.countIn("/answers?question=sheet&class=5C") ==
          all);
    // The pages of a filtered list continue where they ended.
    const std::string first =
        f.server.client().get(at(f.id, "/results?class=5A&limit=2"), f.admin).body;
    const std::string next =
        first.substr(first.rfind(":\"") + 2, first.rfind('"') - first.rfind(":\"") - 2);
    CHECK(f.countIn("/results?class=5A&limit=1000&after=" + next) ==
          f.countIn("/results?class=5A&limit=1000") - 2);
}
