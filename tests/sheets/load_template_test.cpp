#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>

#include "temporary_folder.h"

using namespace sheafline::sheets;
using sheafline::ConfigError;

namespace {

std::string findingsIn(const std::string& text, const std::filesystem::path& file = "t.yaml") {
    try {
        parseTemplate(text, file);
    } catch (const ConfigError& error) {
        std::string all;
        for (const auto& finding : error.findings()) all += toString(finding) + "\n";
        return all;
    }
    return "";
}

const std::string kSmall = R"(sheet: small
page: {width: 100, height: 100}
bubble: {radius: 2}
fields:
  - {name: q, count: 2, values: AB, origin: [20, 20], step: [0, 8], value_step: [6, 0]}
)";

std::string columnsOf(const Template& sheet) {
    std::string names;
    for (const auto& column : sheet.output) names += (names.empty() ? "" : " ") + column.name;
    return names;
}

}  // namespace

TEST_CASE("the demo sheet has all its bubbles where the language puts them") {
    const Template demo = loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
    REQUIRE(demo.fields.size() == 67);
    REQUIRE(demo.output.size() == 61);
    CHECK(demo.output[0].fields.size() == 7);
    CHECK(demo.fields[6].name == "student.7");
    CHECK(demo.fields[6].bubbles[9].value == "9");
    CHECK(distance(demo.fields[6].bubbles[9].centre, {24 + 6 * 6.2, 34 + 9 * 5.4}) < 1e-9);
    CHECK(demo.fields[66].name == "q60");
    CHECK(distance(demo.fields[66].bubbles[4].centre, {142 + 28, 100 + 19 * 7}) < 1e-9);
    CHECK(demo.fields[66].half_width == 2.3);
    CHECK(demo.fields[0].rule == MarkRule::exactly_one);
    CHECK(demo.fields[66].rule == MarkRule::at_most_one);
}

TEST_CASE("a template without output returns all fields, and the score if there is a key") {
    CHECK(columnsOf(parseTemplate(kSmall, "t.yaml")) == "q1 q2");
    const sheafline::TemporaryFolder folder;
    folder.write("key.csv", "question,answer,points,wrong\r\nq1,A,2,-1\nq1,B,0.5,-1\nq2,B\n");
    const Template keyed = parseTemplate(kSmall + "key: key.csv\n", folder / "t.yaml");
    CHECK(columnsOf(keyed) == "q1 q2 score");
    REQUIRE(keyed.key.versions.at(0).answers.size() == 2);
    CHECK(keyed.key.versions[0].answers[0].right ==
          std::vector<std::pair<std::string, double>>{{"A", 2}, {"B", 0.5}});
    CHECK(keyed.key.versions[0].answers[0].wrong == -1);
    CHECK(keyed.key.versions[0].answers[1].right ==
          std::vector<std::pair<std::string, double>>{{"B", 1}});
}

TEST_CASE("every finding in a template is reported with its place and a remedy") {
    const auto [change, with, told] = GENERATE(table<std::string, std::string, std::string>({
        {"radius: 2}", "radios: 2}",
         "t.yaml:3:10: unknown key 'radios' in bubble; did you mean 'radius'?"},
        {"values: AB", "values: AA", "t.yaml:5:33: a value appears twice in values; remove one"},
        {"step: [0, 8]", "step: [0, 3]",
         "t.yaml:5:5: the bubble 'A' of q2 overlaps the bubble 'A' of q1; change step, origin or "
         "radius"},
        {"origin: [20, 20]", "origin: [99, 20]",
         "t.yaml:5:5: the bubble 'A' of q1 is outside the page; move its field"},
        {"origin: [20, 20]", "origin: [20]",
         "t.yaml:5:45: origin wants 2 numbers from 0 to 10000; write [24, 34]"},
        {"count: 2, ", "count: two, ", "t.yaml:5:22: count: 'two' is not a whole number"},
        {"sheet: small", "sheet: small\noutput: [q1..q3]",
         "t.yaml:2:9: there is no field 'q3'; did you mean"},
        {"sheet: small", "sheet: small\nalign: {features: ref.png}",
         "t.yaml:2:19: alignment by the features of a reference scan is not supported"},
        {"sheet: small", "sheet: small\ncheck: '.*/{number}'",
         "t.yaml:2:8: check: there is no column 'number' in output"},
        {"sheet: small\n", "", "t.yaml:1:1: sheet is missing; write a name, such as sheet: demo"},
    }));
    std::string text = kSmall;
    text.replace(text.find(change), change.size(), with);
    CHECK_THAT(findingsIn(text), Catch::StartsWith(told));
}

TEST_CASE("the identity of a template names columns of its output") {
    const Template sheet = parseTemplate(kSmall + "identity: [q2]\n", "t.yaml");
    CHECK(sheet.identity == std::vector<std::size_t>{1});
    CHECK_THAT(findingsIn(kSmall + "identity: [q9]\n"),
               Catch::Contains("there is no field 'q9' in output"));
}

TEST_CASE("all findings are reported in one run") {
    const std::string told = findingsIn(
        "sheet: a b\npage: {width: 5, height: 297}\nbubble: {radius: -1}\nfields: []\nextra: 1\n");
    CHECK(std::ranges::count(told, '\n') == 5);
}

TEST_CASE("the schema of templates is a draft-07 schema that names every key") {
    const std::string schema = templateSchema();
    CHECK(schema.find("draft-07") != std::string::npos);
    for (const char* key : {"sheet", "page", "align", "qr", "bubble", "fields", "pages",
                            "page_number", "key", "check", "output", "empty"}) {
        CHECK(schema.find("\"" + std::string(key) + "\": {") != std::string::npos);
    }
}
