// Templates of OMRChecker. The samples of its project are read from a folder next to this project.
#include <concepts>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/score_again.h>

#include "temporary_folder.h"

using namespace sheafline::sheets;

namespace {

namespace fs = std::filesystem;

std::string columnsOf(const Template& sheet) {
    std::string names;
    for (const auto& column : sheet.output) names += (names.empty() ? "" : " ") + column.name;
    return names;
}

template <typename Load>
requires std::invocable<Load> std::string findingsIn(Load load) {
    try {
        load();
    } catch (const sheafline::ConfigError& error) {
        std::string all;
        for (const auto& finding : error.findings()) all += toString(finding) + "\n";
        return all;
    }
    return "";
}

std::string findingsIn(const std::string& text) {
    return findingsIn([&] { parseTemplate(text, "template.json"); });
}

std::string findingsOf(const fs::path& file) {
    return findingsIn([&] { loadTemplate(file); });
}

const std::string kTemplate = R"({
  "pageDimensions": [300, 400],
  "bubbleDimensions": [20, 10],
  "preProcessors": [{"name": "CropPage", "options": {"morphKernel": [10, 10]}}],
  "customLabels": {"Roll": ["Medium", "roll1..2"]},
  "fieldBlocks": {
    "a": {"fieldType": "QTYPE_MCQ4", "origin": [30, 200], "bubblesGap": 40, "labelsGap": 30,
          "fieldLabels": ["q9..11"]},
    "m": {"bubbleValues": ["E", "H"], "direction": "vertical", "origin": [10, 10],
          "bubblesGap": 15, "labelsGap": 0, "fieldLabels": ["Medium"]},
    "r": {"fieldType": "QTYPE_INT_FROM_1", "origin": [50, 10], "bubblesGap": 15, "labelsGap": 25,
          "fieldLabels": ["roll1", "roll2"]}
  }
})";

// Readings that differ from OMRChecker's, and the flags.
std::string differencesOf(const fs::path& folder, const Poco::JSON::Object& truth, int turns) {
    const Template sheet = loadTemplate(folder / truth.getValue<std::string>("template"));
    const GreyImage image =
        turned(readImage(readBytes(folder / truth.getValue<std::string>("file"))), turns);
    const auto reading = readSheet(image, sheet);
    const auto answers = truth.getObject("answers");
    std::string differences;
    std::size_t compared = 0;
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        const auto& [value, flag, confidence] = reading.columns[i];
        const std::string& name = sheet.output[i].name;
        if (name == "score") {
            const double expected = std::stod(truth.getValue<std::string>("score"));
            if (std::stod(value) != expected) differences += "score " + value + "; ";
            continue;
        }
        ++compared;
        if (answers->getValue<std::string>(name) != value)
            differences += name + " '" + value + "'; ";
        if (flag != FieldFlag::ok && flag != FieldFlag::multiple)
            differences += name + " is flagged " + std::string(toString(flag)) + "; ";
    }
    return compared == answers->size() ? differences : differences + "other columns";
}

}  // namespace

TEST_CASE("an OMRChecker template places its bubbles where OMRChecker does") {
    const Template sheet = parseTemplate(kTemplate, "template.json");
    CHECK(columnsOf(sheet) == "Roll q9 q10 q11");
    CHECK(sheet.output[0].fields.size() == 3);
    CHECK(sheet.align.by == AlignBy::page);
    const Field& q11 = sheet.fields[2];
    CHECK(q11.name == "q11");
    CHECK(q11.bubbles[3].value == "D");
    CHECK(q11.bubbles[3].centre == Point{30 + 10 + 3 * 40, 200 + 5 + 2 * 30});
    CHECK(q11.half_width == 10);
    CHECK(q11.half_height == 5);
    CHECK(sheet.fields[3].bubbles[1].centre == Point{10 + 10, 10 + 5 + 15});
    const Field& second = sheet.fields[5];
    CHECK(second.bubbles[9].value == "0");
    CHECK(second.bubbles[9].centre == Point{50 + 10 + 25, 10 + 5 + 9 * 15});
}

TEST_CASE("unsupported parts of an OMRChecker template are rejected by name") {
    const auto [change, with, told] = GENERATE(table<std::string, std::string, std::string>({
        {"\"CropPage\"", "\"FeatureBasedAlignment\"",
         "template.json:4:21: FeatureBasedAlignment (by the features of a reference scan) is not "
         "supported; use CropOnMarkers if the form has markers, CropPage if the edges of the paper "
         "are visible, or remove it if the scan shows the whole page"},
        {"\"CropPage\", \"options\": {\"morphKernel\": [10, 10]}",
         "\"CropOnMarkers\", \"options\": {\"relativePath\": \"none.jpg\"}",
         "template.json:4:58: the marker 'none.jpg' cannot be used: "},
        {"QTYPE_MCQ4", "QTYPE_MCQ9", "template.json:7:10: there is no fieldType 'QTYPE_MCQ9'"},
        {"[20, 10]", "[20]", "template.json:3:23: bubbleDimensions requires two numbers"},
        {"roll1..2", "roll1..3", "template.json:5:28: there is no label 'roll3' in fieldBlocks"},
        {"\"roll1\", \"roll2\"", "\"roll1\", \"q9\"",
         "template.json:11:10: the label 'q9' appears twice"},
    }));
    std::string text = kTemplate;
    text.replace(text.find(change), change.size(), with);
    CHECK_THAT(findingsIn(text), Catch::Contains(told));
}

TEST_CASE("an evaluation of OMRChecker gives points by section, answer and weight") {
    const sheafline::TemporaryFolder folder;
    folder.write("template.json", kTemplate);
    folder.write("evaluation.json", R"({
      "source_type": "custom",
      "options": {"questions_in_order": ["q9..11"],
                  "answers_in_order": ["A", ["B", "BC"], [["C", 2], ["D", "3/2"]]]},
      "marking_schemes": {
        "DEFAULT": {"correct": "3", "incorrect": "-1", "unmarked": "0"},
        "LAST": {"questions": ["q11"], "marking": {"correct": 4, "incorrect": "-1/2", "unmarked": 1}}}
    })");
    const Template sheet = loadTemplate(folder / "template.json");
    CHECK(columnsOf(sheet) == "Roll q9 q10 q11 score");
    REQUIRE(sheet.key.versions.at(0).answers.size() == 3);
    CHECK(sheet.key.versions[0].answers[0].right[0] == std::pair<std::string, double>{"A", 3});
    CHECK(sheet.key.versions[0].answers[1].right[1] == std::pair<std::string, double>{"BC", 3});
    CHECK(sheet.key.versions[0].answers[1].wrong == -1);
    CHECK(sheet.key.versions[0].answers[2].right[1] == std::pair<std::string, double>{"D", 1.5});
    CHECK(sheet.key.versions[0].answers[2].wrong == -0.5);
    CHECK(sheet.key.versions[0].answers[2].blank == 1);
}

TEST_CASE("keys and marking that change scores in no known way are rejected with their line") {
    const auto [key, with, told] = GENERATE(table<std::string, std::string, std::string>({
        {"outputs_configuration", "should_explain_scoring", ""},  // known, without a score
        {"marking_scheme", "a", "evaluation.json:2:1: unknown key 'marking_scheme'"},
        {"options", "answer_in_order", "unknown key 'answer_in_order'"},
        {"DEFAULT", "correkt",
         "unknown key 'correkt' of an evaluation.json; known here are correct"},
        {"marking_type", "verdict_level_streak", "'verdict_level_streak' is not supported"},
        {"correct", "[1, 2]", "points by streak are not supported"},
    }));
    const sheafline::TemporaryFolder folder;
    folder.write("template.json", kTemplate);
    const bool of_section = key == "marking_type" || key == "correct";
    const std::string top = of_section || key == "options" || key == "DEFAULT"
                                ? ""
                                : "\"" + key + "\": {\"" + with + "\": 1},\n";
    folder.write(
        "evaluation.json",
        "{\n" + top + R"("source_type": "custom", "options": {"questions_in_order": ["q9"],
"answers_in_order": ["A"])" +
            (key == "options" ? ", \"" + with + "\": 1" : "") +
            R"(}, "marking_schemes": {"DEFAULT": {"correct": 1, "incorrect": 0, "unmarked": 0)" +
            (key == "DEFAULT" ? ", \"" + with + "\": 1" : "") +
            "}, \"ONE\": {\"questions\": [\"q9\"]" +
            (key == "marking_type" ? ", \"marking_type\": \"" + with + "\"" : "") +
            ", \"marking\": {\"correct\": " + (key == "correct" ? with : "2") +
            ", \"incorrect\": 0, \"unmarked\": 0}}}}");
    const std::string findings = findingsIn([&] { loadTemplate(folder / "template.json"); });
    CAPTURE(key, with);
    if (told.empty())
        CHECK(findings.empty());
    else
        CHECK_THAT(findings, Catch::Contains(told));
}

TEST_CASE("bubbles from right to left keep their values") {
    std::string text = kTemplate;
    text.replace(text.find("QTYPE_MCQ4"), 10, "QTYPE_MCQ4_RTL");
    const Template sheet = parseTemplate(text, "template.json");
    CHECK(sheet.fields[2].bubbles[0].value == "D");
    CHECK(sheet.fields[2].bubbles[3].value == "A");
    CHECK(sheet.fields[2].bubbles[3].centre == Point{30 + 10 + 3 * 40, 200 + 5 + 2 * 30});
}

TEST_CASE("a CSV key of OMRChecker has alternatives in quotes and weights in brackets") {
    const sheafline::TemporaryFolder folder;
    folder.write("template.json", kTemplate);
    folder.write("evaluation.json", R"({"source_type": "csv",
      "options": {"answer_key_csv_path": "key.csv"},
      "marking_schemes": {"DEFAULT": {"correct": "3", "incorrect": "-1", "unmarked": "0"}}})");
    folder.write("key.csv", "q9,\"D,C\"\r\nq10,\"[['A', 2], ['B', 1]]\"\nq11,BC\n");
    const Template sheet = loadTemplate(folder / "template.json");
    using Right = std::vector<std::pair<std::string, double>>;
    REQUIRE(sheet.key.versions.at(0).answers.size() == 3);
    CHECK(sheet.key.versions[0].answers[0].right == Right{{"D", 3}, {"C", 3}});
    CHECK(sheet.key.versions[0].answers[1].right == Right{{"A", 2}, {"B", 1}});
    CHECK(sheet.key.versions[0].answers[2].right == Right{{"BC", 3}});
}

TEST_CASE("a key that no sheet can match and a key in a picture are rejected by name") {
    const auto [evaluation, key, told] = GENERATE(table<std::string, std::string, std::string>({
        {"csv", "q9,*\n", "the key says '*' for 'q9', whose values are A, B, C, D"},
        {"csv", "q9,E\n", "the key says 'E' for 'q9', whose values are A, B, C, D"},
        {"csv", "q9,\"A,7\"\n", "the key says '7' for 'q9'"},
        {"csv", "q9,CB\n", "the key says 'CB' for 'q9'"},
        {"csv", "Roll,E1\nRoll,E111\n", "the key says 'E111' for 'Roll'"},
        {"csv", "q99,A\n", "the key has an answer to 'q99'"},
        {"csv", "", "the filled sheet 'key.png' cannot be read: "},
        {"picture", "q9,A\n", "source_type 'picture' is not supported; write csv"},
    }));
    const sheafline::TemporaryFolder folder;
    folder.write("template.json", kTemplate);
    folder.write("evaluation.json", "{\"source_type\": \"" + evaluation +
                                        "\", \"options\": {\"answer_key_csv_path\": \"key.csv\", "
                                        "\"answer_key_image_path\": \"key.png\"}}");
    if (!key.empty()) folder.write("key.csv", key);
    CHECK(findingsOf(folder / "template.json").find(told) != std::string::npos);
}

TEST_CASE("a joined column has the empty value of OMRChecker for each empty digit") {
    std::string text = kTemplate;
    text.replace(text.find("\"customLabels\""), 0, "\"emptyValue\": \"-\", ");
    const Template sheet = parseTemplate(text, "template.json");
    const auto columns = [&](const std::string& first, const std::string& second) {
        std::string fields;
        for (const Field& field : sheet.fields) {
            const std::string value = field.name == "roll1"   ? first
                                      : field.name == "roll2" ? second
                                                              : "";
            fields += (fields.empty() ? "\"" : ",\"") + field.name + R"(":{"value":")" + value +
                      R"(","flag":"ok"})";
        }
        return settleColumns("{\"fields\":{" + fields + "}}", sheet)->values;
    };
    CHECK(columns("1", "2") == std::vector<std::string>{"-12", "-", "-", "-"});
    CHECK(columns("", "2") == std::vector<std::string>{"--2", "-", "-", "-"});
    CHECK(columns("", "") == std::vector<std::string>{"---", "-", "-", "-"});
}

TEST_CASE("an own empty value of a field block is rejected by name") {
    std::string text = kTemplate;
    text.replace(text.find("\"direction\""), 0, "\"emptyValue\": \"-\", ");
    CHECK_THAT(findingsIn(text), Catch::Contains("a field block with a different emptyValue"));
}

// A blank that is flagged in one of the four orientations, where its darkness is at the threshold:
// a person looks at it unnecessarily, and no answer is wrong.
const std::map<std::string, std::string> kFlaggedBlanks{
    {"sample4/IMG_20201116_150750830.jpg", "q2 is flagged faint; "}};

TEST_CASE("the OMRChecker samples are read as in their truth, in every orientation") {
    const fs::path folder = SHEAFLINE_SOURCE_DIR "/../shared/data/omrchecker";
    std::error_code ignored;
    if (!fs::exists(folder / "truth.json", ignored)) {
        WARN("skipped: the samples of OMRChecker are not in " << folder);
        return;
    }
    std::ifstream in(folder / "truth.json");
    Poco::JSON::Parser parser;
    std::cout << "samples of OMRChecker, in all four directions:\n";
    const auto samples = parser.parse(in).extract<Poco::JSON::Array::Ptr>();
    for (unsigned i = 0; i < samples->size(); ++i) {
        const auto truth = samples->getObject(i);
        const auto file = truth->getValue<std::string>("file");
        std::string differences;
        for (const int turns : {0, 1, 2, 3}) differences += differencesOf(folder, *truth, turns);
        std::cout << "  " << file << ": " << truth->getObject("answers")->size() << " columns and "
                  << "the score " << truth->getValue<std::string>("score")
                  << (differences.empty() ? " are equal" : " but " + differences) << '\n';
        INFO(file);
        const auto flagged = kFlaggedBlanks.find(file);
        CHECK((differences.empty() ||
               (flagged != kFlaggedBlanks.end() && differences == flagged->second)));
    }
}
