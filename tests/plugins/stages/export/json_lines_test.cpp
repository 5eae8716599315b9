#include <sstream>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include "exported_batch.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

namespace {

ExportedBatch batchOf(const std::vector<std::string>& answers, const std::string& score = "1") {
    return {"json_lines", "math.jsonl", answers, score};
}

std::vector<Poco::JSON::Object::Ptr> objectsOf(const std::string& text) {
    std::vector<Poco::JSON::Object::Ptr> objects;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        objects.push_back(Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>());
    return objects;
}

}  // namespace

TEST_CASE("jsonl writes one object per sheet, with the columns in their order") {
    ExportedBatch batch = batchOf({"A", "B"});
    REQUIRE(batch.write().message.empty());
    CHECK(
        batch.file() ==
        R"({"batch_id":"b","sheet":1,"file":"f","page":1,"qr":"","group":"","status":"read","flags":"","answer":"A","score":1,"confidence":1.000}
{"batch_id":"b","sheet":2,"file":"f","page":1,"qr":"","group":"","status":"read","flags":"","answer":"B","score":1,"confidence":1.000}
)");
    CHECK(batch.run.progress().lastMessage() == "Generated JSON Lines math.jsonl with 2 rows");
}

TEST_CASE("any text survives in JSON Lines, and each row stays on one line", "[F33]") {
    const std::vector<std::string> values{"a,b",     "say \"yes\"", "two\nlines", "\r\n\t",
                                          "a\0b"s,   "=1+1",        "",           "Grüße ✓",
                                          "\\u0041", "\x7f"};
    ExportedBatch batch = batchOf(values);
    REQUIRE(batch.write().message.empty());
    const auto objects = objectsOf(batch.file());
    REQUIRE(objects.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(objects[i]->getValue<std::string>("answer") == values[i]);
}

TEST_CASE("a score that is not a JSON number stays a text, and a missing one is null") {
    const auto [score, json] = GENERATE(table<std::string, std::string>({{"", "null"},
                                                                         {"-2.5", "-2.5"},
                                                                         {"0.5", "0.5"},
                                                                         {"007", R"("007")"},
                                                                         {"5.", R"("5.")"},
                                                                         {"+1", R"("+1")"},
                                                                         {"nan", R"("nan")"},
                                                                         {"1e3", R"("1e3")"},
                                                                         {"-", R"("-")"},
                                                                         {".5", R"(".5")"}}));
    ExportedBatch batch = batchOf({"A"}, score);
    REQUIRE(batch.write().message.empty());
    CHECK_THAT(batch.file(), Catch::Contains("\"score\":" + json + ","));
    CHECK(objectsOf(batch.file()).size() == 1);
}

TEST_CASE("after a crash at any checkpoint the JSON Lines are what they would have been", "[F33]") {
    ExportedBatch undisturbed = batchOf(numberedAnswers(5000));
    REQUIRE(undisturbed.write().message.empty());
    const int at = GENERATE(1, 2, 3);
    const auto* damage = GENERATE("none", "torn", "changed", "gone");
    ExportedBatch batch = batchOf(numberedAnswers(5000));
    batch.run.onCheckpoint([&](int n) {
        if (n == at) throw Error(ErrorClass::transient, "CRASH", "");
    });
    REQUIRE(batch.write().code == "CRASH");
    CHECK_FALSE(fs::exists(batch.path()));
    if (damage == "torn"s) fs::resize_file(batch.unfinished, fs::file_size(batch.unfinished) / 3);
    if (damage == "changed"s)
        batch.folder.write(fs::relative(batch.unfinished, batch.folder.path()).string(), "{}\n");
    if (damage == "gone"s) fs::remove(batch.unfinished);
    batch.run.onCheckpoint({});
    REQUIRE(batch.write().message.empty());
    CHECK(batch.file() == undisturbed.file());
}
