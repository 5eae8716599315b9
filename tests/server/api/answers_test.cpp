// The answers in doubt of a batch of hard sheets, as a client reviews them.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>

#include "ended_batch.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

using Object = Poco::JSON::Object;

Object::Ptr parsed(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Object::Ptr>();
}

struct AnswersFixture {
    Site site{};
    RunningServer server{
        site, "0", {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}}};
    Headers admin{server.signInAdmin()};
    std::string id{};

    AnswersFixture() {
        REQUIRE(runProgram(site.folder.path(),
                           {"sample", "--profile", "hard", "--sheets", "8", "--out", "h.zip"})
                    .status == 0);
        id = endedBatch(server, admin, "omr-batch", site.folder.read("h.zip"));
    }
    Object::Ptr get(const std::string& rest, int status = 200) const {
        const Reply reply = server.client().get(at(id, rest), admin);
        INFO(rest << ": " << reply.body);
        REQUIRE(reply.status == status);
        return parsed(reply.body);
    }
    // All pages of a list.
    std::vector<Object::Ptr> all(const std::string& rest) const {
        std::vector<Object::Ptr> items;
        std::string after;
        while (true) {
            const auto page = get(rest + after);
            const auto list = page->getArray("items");
            for (unsigned i = 0; i < list->size(); ++i) items.push_back(list->getObject(i));
            if (page->isNull("next")) return items;
            after = "&after=" + page->getValue<std::string>("next");
        }
    }
};

std::string nameOf(const Object& answer) {
    return answer.getValue<std::string>("sheet") + " " + answer.getValue<std::string>("field");
}

std::string flagsOf(const Object& answer) {
    std::string flags;
    for (const auto& flag : *answer.getArray("flags"))
        flags += ";" + answer.getValue<std::string>("field") + ":" + flag.convert<std::string>();
    return flags;
}

}  // namespace

TEST_CASE_METHOD(AnswersFixture,
                 "each doubt of a batch is listed once, with what it is decided by") {
    const auto answers = all("/answers?limit=3");
    std::map<std::string, std::string> flags_of_sheets;
    for (const auto& answer : answers) {
        INFO(nameOf(*answer));
        flags_of_sheets[answer->getValue<std::string>("sheet")] += flagsOf(*answer);
        const auto alternatives = answer->getArray("alternatives");
        REQUIRE(alternatives->size() > 1);
        for (unsigned i = 0; i < alternatives->size(); ++i) {
            const auto darkness = alternatives->getObject(i)->getValue<double>("darkness");
            CHECK(darkness >= 0);  // a bubble may be brighter than the paper around it
            CHECK(darkness <= 1);
            CHECK(alternatives->getObject(i)->has("value"));
        }
        CHECK(answer->getValue<double>("confidence") <= 1);
    }
    REQUIRE(flags_of_sheets.size() > 2);
    for (const auto& row : all("/results?limit=3")) {
        const auto flags = row->getValue<std::string>("flags");
        CHECK(flags_of_sheets[row->getValue<std::string>("sheet")] ==
              (flags.empty() ? "" : ";" + flags));
    }
    for (const auto& batch : {get(""), get("/status"), get("/progress")}) {
        CHECK(batch->getValue<std::size_t>("answers_doubtful") == answers.size());
        CHECK(batch->getValue<std::size_t>("sheets_doubtful") ==
              all("/results?state=doubtful&limit=2").size());
    }
    const Reply metrics = server.client().get("/metrics", admin);
    CHECK_THAT(metrics.body, Catch::Contains("\nsheafline_answers_doubtful " +
                                             std::to_string(answers.size()) + "\n"));
}

TEST_CASE_METHOD(AnswersFixture,
                 "answers are filtered, sorted and shown alike by API and program") {
    const auto answers = all("/answers?limit=1000");
    double last = 0;
    std::set<std::string> names;
    for (const auto& answer : all("/answers?sort=confidence&limit=2")) {
        CHECK(answer->getValue<double>("confidence") >= last);
        last = answer->getValue<double>("confidence");
        names.insert(nameOf(*answer));
    }
    CHECK(names.size() == answers.size());
    const auto flag = answers.front()->getArray("flags")->getElement<std::string>(0);
    const auto question = answers.front()->getValue<std::string>("field");
    const auto found = all("/answers?state=doubtful&flag=" + flag + "&question=" + question);
    REQUIRE_FALSE(found.empty());
    for (const auto& answer : found) {
        CHECK(answer->getValue<std::string>("field") == question);
        CHECK(flagsOf(*answer) == ";" + question + ":" + flag);
    }
    CHECK(all("/results?flag=" + flag + "&question=" + question).size() == found.size());
    const auto file = answers.front()->getValue<std::string>("file");
    CHECK(all("/results?q=" + file).size() == 1);

    const auto listed = runProgram(site.folder.path(), {"batches", "answers", id, "--json"});
    CHECK(std::count(listed.out.begin(), listed.out.end(), '\n') ==
          static_cast<std::ptrdiff_t>(answers.size()));
    CHECK_THAT(listed.out, Catch::Contains("\"field\":\"" + question + "\""));
    const auto table = runProgram(site.folder.path(), {"batches", "answers", id, "--flag", flag});
    CHECK_THAT(table.out, Catch::StartsWith("SHEET") && Catch::Contains(question));
}

TEST_CASE_METHOD(AnswersFixture, "each doubtful answer has a picture, alone and with its rows") {
    std::set<std::string> fields;
    for (const auto& answer : all("/answers?limit=1000")) {
        if (!fields.insert(answer->getValue<std::string>("field")).second) continue;
        INFO(nameOf(*answer));
        std::vector<int> heights;
        for (const char* key : {"image_url", "context_url"}) {
            const Reply shown = server.client().get(answer->getValue<std::string>(key), admin);
            REQUIRE(shown.status == 200);
            CHECK(shown.headers.at("content-type") == "image/png");
            const std::string& png = shown.body;
            heights.push_back(
                sheets::readImage({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()})
                    .height);
        }
        CHECK(heights[1] > heights[0]);
        if (fields.size() == 8) break;
    }
}

TEST_CASE_METHOD(AnswersFixture, "a wrong filter of the answers is rejected with its name") {
    for (const auto& [rest, detail] : std::map<std::string, std::string>{
             {"/answers?state=read", "'state' must be doubtful"},
             {"/answers?sort=name", "'sort' must be sheet or confidence"},
             {"/answers?after=x", "'after' is not a cursor of this list"},
             {"/answers?after=1", "'after' is not a cursor of this list"},
             {"/answers?sort=confidence&after=1:q7", "'after' is not a cursor of this list"},
             {"/results?after=1:q7", "'after' is not a cursor of this list"},
             {"/results?state=odd", "'state' must be doubtful, waiting"},
             {"/sheets/1/image?rows=2", "'rows' requires 'field'"},
             {"/sheets/1/image?field=q7&rows=99", "'rows' is to be a number up to 20"}})
        CHECK_THAT(get(rest, 400)->getValue<std::string>("detail"), Catch::StartsWith(detail));
    CHECK(server.client().get(at(id, "/answers")).status == 401);
    CHECK(server.client().get(at("no-such", "/answers"), admin).status == 404);
}
