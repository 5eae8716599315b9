// The statistics of an exam: compared with numpy and scipy, and at the edges where a figure is not
// defined.
#include <cstdlib>

#include <catch2/catch.hpp>

#include "analyzed_exam.h"
#include "made_sheets.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

namespace {

bool hasScipy() {
    return std::system("/usr/bin/python3 -c 'import numpy, scipy' 2>/dev/null") == 0;
}

void checkWithScipy(AnalyzedExam& exam, const std::string& class_column = "") {
    exam.writeRows();
    const std::string out = (exam.folder.path() / "peer.out").string();
    const std::string command = "/usr/bin/python3 " SHEAFLINE_SOURCE_DIR
                                "/tests/plugins/stages/analyze/analyze_peer.py " +
                                (exam.folder.path() / "rows.csv").string() + " " +
                                (exam.folder.path() / "key.csv").string() + " " +
                                (exam.folder.path() / "batch/artifacts/analysis.json").string() +
                                " " + class_column + " > " + out + " 2>&1";
    const int status = std::system(command.c_str());
    INFO(exam.folder.read("peer.out"));
    CHECK(status == 0);
}

bool isNull(const Poco::JSON::Object::Ptr& object, const std::string& name) {
    return object->has(name) && object->isNull(name);
}

std::vector<std::string> remarksOf(const AnalyzedExam& exam, unsigned question) {
    std::vector<std::string> codes;
    const auto list =
        exam.figures()->getArray("questions")->getObject(question)->getArray("remarks");
    for (unsigned i = 0; i < list->size(); ++i)
        codes.push_back(list->getObject(i)->getValue<std::string>("code"));
    return codes;
}

}  // namespace

TEST_CASE("the figures of three exams equal those of numpy and scipy") {
    if (!hasScipy()) {
        WARN("skipped: python3-numpy and python3-scipy are not installed");
        return;
    }
    SECTION("one point for each right answer, by class") {
        const std::string right = "ABCDABCDABCDABCDABCDABCDABCDABCDABCDABCD";
        AnalyzedExam exam(40, keyLines(right, "1,0,0"));
        exam.params["by"] = {.text = "group"};
        exam.fill(students(300, 40, right, 1));
        REQUIRE(exam.analyze().message.empty());
        checkWithScipy(exam, "group");
        CHECK(exam.figures()->getObject("exam")->getValue<std::string>("reliability_method") ==
              "KR-20");
    }
    SECTION("weights, negative points, several right answers and points for none") {
        const std::string right = "ABCDABCDABCD";
        std::string key = keyLines(right, "2.5,-0.75,0");
        key += "q1,B,1,-0.75,0\nq2,AB,2.5,-0.75,0\nq3,D,0.1,-0.75,0\n";
        AnalyzedExam exam(12, key);
        exam.params["by"] = {.text = "group"};
        exam.fill(students(57, 12, right, 2));
        REQUIRE(exam.analyze().message.empty());
        checkWithScipy(exam, "group");
        CHECK(exam.figures()->getObject("exam")->getValue<std::string>("reliability_method") ==
              "Cronbach's alpha");
    }
    SECTION("a small class with two questions that cost points when they are left out") {
        AnalyzedExam exam(3, keyLines("ABC", "1,0,-1"));
        exam.fill(students(9, 3, "ABC", 3));
        REQUIRE(exam.analyze().message.empty());
        checkWithScipy(exam);
    }
}

TEST_CASE("figures that are not defined are null, and the report still has every question") {
    const std::string title = GENERATE("one sheet", "all right", "no sheets", "one question");
    const int questions = title == "one question" ? 1 : 3;
    AnalyzedExam exam(
        questions,
        keyLines(std::string("ABC").substr(0, static_cast<std::size_t>(questions)), "1,0,0"));
    if (title == "one sheet") exam.fill({{"AB.", "7A"}});
    if (title == "all right") exam.fill({{"ABC", "7A"}, {"ABC", "7A"}, {"ABC", "7B"}});
    if (title == "no sheets") exam.fill({{"", "7A"}, {"", "7A"}});
    if (title == "one question") exam.fill({{"A", "7A"}, {"B", "7A"}, {"A", "7B"}});
    exam.params["by"] = {.text = "group"};
    exam.params["title"] = {.text = title};
    REQUIRE(exam.analyze().message.empty());
    const auto figures = exam.figures();
    CAPTURE(title, exam.artifact("analysis.json"));
    const auto all = figures->getObject("exam");
    CHECK(isNull(all, "reliability"));
    CHECK(isNull(all, "standard_error"));
    const auto first = figures->getArray("questions")->getObject(0);
    CHECK(isNull(first, "item_rest"));
    CHECK(isNull(all, "mean") == (title == "no sheets"));
    CHECK(isNull(all, "standard_deviation") == (title == "no sheets" || title == "one sheet"));
    const std::string page = exam.artifact("analysis.html");
    CHECK(page.find(title) != std::string::npos);
    CHECK(page.find("nan") == std::string::npos);
    CHECK(page.find("inf") == std::string::npos);
    for (int i = 1; i <= questions; ++i)
        CHECK(page.find("<h3>q" + std::to_string(i) + "</h3>") != std::string::npos);
}

TEST_CASE("without a key the analysis counts the answers") {
    AnalyzedExam exam(2, "");
    exam.fill({{"AB", "7A"}, {"A.", "7A"}, {"CB", "7B"}, {"", "7B"}});
    REQUIRE(exam.analyze().message.empty());
    const auto figures = exam.figures();
    CHECK(isNull(figures->getObject("exam"), "mean"));
    const auto answers = figures->getArray("questions")->getObject(0)->getArray("answers");
    CHECK(answers->getObject(0)->getValue<std::string>("value") == "A");
    CHECK(answers->getObject(0)->getValue<int>("count") == 2);
    CHECK(answers->getObject(3)->getValue<int>("count") == 0);  // D, which nobody chose
    CHECK(figures->getObject("sheets")->getValue<int>("quarantined") == 1);
    CHECK(exam.run.progress().lastMessage() == "Analyzed 3 sheets, without a key");
}

TEST_CASE("a sheet without an answer counts unless it is left out") {
    const bool counts = GENERATE(true, false);
    AnalyzedExam exam(2, keyLines("AB", "1,0,0"));
    exam.fill({{"AB", "7A"}, {"..", "7A"}, {"A.", "7A"}});
    exam.params["blank_sheets"] = {.text = counts ? "true" : "false"};
    REQUIRE(exam.analyze().message.empty());
    const auto sheets = exam.figures()->getObject("sheets");
    CHECK(sheets->getValue<int>("analyzed") == (counts ? 3 : 2));
    CHECK(sheets->getValue<int>("blank") == 1);
}

TEST_CASE("a question with a wrong key, an easy one and one without variation are marked") {
    const std::string right = "ABCDABCDABCDABCD";
    auto sheets = students(200, 16, right, 5);
    for (auto& [answers, group] : sheets) {
        if (answers.empty()) continue;
        answers[3] = answers[2] == 'C' ? 'A' : 'D';  // good students choose A
        answers[4] = 'A';
    }
    AnalyzedExam exam(16, keyLines(right, "1,0,0"));
    exam.fill(sheets);
    REQUIRE(exam.analyze().message.empty());
    CHECK_THAT(remarksOf(exam, 3), Catch::VectorContains(std::string("NEGATIVE_DISCRIMINATION")));
    CHECK_THAT(remarksOf(exam, 3), Catch::VectorContains(std::string("KEY_IN_DOUBT")));
    CHECK_THAT(remarksOf(exam, 4), Catch::VectorContains(std::string("NO_VARIATION")));
    CHECK_THAT(remarksOf(exam, 4), Catch::VectorContains(std::string("TOO_EASY")));
    CHECK(remarksOf(exam, 7) == std::vector<std::string>{});
}

TEST_CASE("the report requests nothing, escapes every text and has balanced elements") {
    AnalyzedExam exam(2, keyLines("AB", "1,0,0"));
    exam.fill({{"AB", "<img src=x>"}, {"BB", "a\"b&c\x01\xff"}, {"A.", "7A"}});
    exam.params["by"] = {.text = "group"};
    exam.params["title"] = {.text = "<script>alert(1)</script>"};
    REQUIRE(exam.analyze().message.empty());
    const std::string page = exam.artifact("analysis.html");
    for (const char* forbidden : {"<script", "<img", "http:", "https:", "url(", "@import", "<link"})
        CHECK(page.find(forbidden) == std::string::npos);
    CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
    CHECK(page.find("a&quot;b&amp;c\xEF\xBF\xBD\xEF\xBF\xBD") != std::string::npos);
    CHECK(page.find("default-src 'none'") != std::string::npos);
    exam.folder.write("check.py", R"(
import sys
from html.parser import HTMLParser
class Check(HTMLParser):
    open = []
    def handle_starttag(self, tag, attributes):
        if tag not in ('meta',): self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())
check = Check()
check.feed(open(sys.argv[1]).read())
assert not check.open, check.open
)");
    const std::string command = "python3 " + (exam.folder.path() / "check.py").string() + " " +
                                (exam.folder.path() / "batch/artifacts/analysis.html").string();
    CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("a missing column and a wrong pattern are reported before the first sheet") {
    AnalyzedExam exam(2, keyLines("AB", "1,0,0"));
    const std::vector<std::string> columns{"batch_id", "status", "flags", "q1", "q2", "score"};
    exam.params["by"] = {.text = "class"};
    CHECK_THROWS_WITH(makeStage("analyze", exam.params)->preflightRows(columns, {}),
                      Catch::StartsWith("the rows have no column 'class'; the columns are: batch"));
    exam.params["by"] = {.text = "q1"};
    CHECK_NOTHROW(makeStage("analyze", exam.params)->preflightRows(columns, {}));
    exam.params["questions"] = {.text = "x[0-9]+"};
    CHECK_THROWS_WITH(makeStage("analyze", exam.params)->preflightRows(columns, {}),
                      Catch::Contains("no question to analyze whose name matches 'x[0-9]+'"));
    exam.params["questions"] = {.text = "q["};
    CHECK_THROWS_AS(makeStage("analyze", exam.params), ConfigError);
}

TEST_CASE("a row whose score has another key is reported") {
    AnalyzedExam exam(2, keyLines("AB", "1,0,0"));
    exam.fill({{"AB", "7A"}, {"A.", "7A"}});
    auto row = *exam.run.sheets().row(1);
    row[10] = "2";
    exam.run.sheets().setRow(1, row);
    row = *exam.run.sheets().row(2);
    row[10] = "7";
    exam.run.sheets().setRow(2, row);
    REQUIRE(exam.analyze().message.empty());
    CHECK_THAT(exam.artifact("analysis.json"),
               Catch::Contains("1 row has a score that the key does not give"));
}

TEST_CASE("a second run gives the same bytes, and a crash publishes nothing") {
    AnalyzedExam exam(4, keyLines("ABCD", "1,0,0"));
    exam.fill(students(50, 4, "ABCD", 9));
    REQUIRE(exam.analyze().message.empty());
    const std::string json = exam.artifact("analysis.json");
    const std::string html = exam.artifact("analysis.html");
    REQUIRE(exam.analyze().message.empty());
    CHECK(exam.artifact("analysis.json") == json);
    CHECK(exam.artifact("analysis.html") == html);
    exam.run.requestStop();
    CHECK_THROWS_AS(makeStage("analyze", exam.params)->run(exam.run), Error);
}

TEST_CASE("100,000 sheets with 100 questions and 5,000 classes need less than 64 MiB") {
    AnalyzedExam exam(100, keyLines(std::string(100, 'A'), "1,0,0"));
    exam.params["by"] = {.text = "group"};
    MadeRun run(exam.folder.path() / "made", 100'000, 100);
    const long before = mostMemoryKib();
    REQUIRE(runStage("analyze", exam.params, run).message.empty());
    const long used = mostMemoryKib() - before;
    CAPTURE(used);
    if (kMeasuresMemory) CHECK(used < 64L * 1024);
    const std::string json = exam.folder.read("made/batch/artifacts/analysis.json");
    CHECK_THAT(json, Catch::Contains(R"("analyzed":100000)"));
    CHECK_THAT(json, Catch::Contains("\"name\":\"(other)\""));
}

TEST_CASE("each version of an exam is analyzed by its own answers") {
    AnalyzedExam exam(2, keyLines("AB", "1,0,0"));
    exam.folder.write("versions.yaml", R"(versions:
  by: '{group}'
  keys:
    V: {q1: A, q2: B}
    W: {q1: C, q2: {cancelled: true}}
)");
    exam.params["key"] = {.text = (exam.folder.path() / "versions.yaml").string()};
    exam.fill({{"AB", "V"}, {"BB", "V"}, {"CB", "W"}, {"AA", "W"}, {"AB", "X"}});
    REQUIRE(exam.analyze().message.empty());
    const auto figures = exam.figures();
    CHECK(figures->getObject("sheets")->getValue<int>("analyzed") == 4);
    CHECK(figures->getObject("sheets")->getValue<int>("without_version") == 1);
    const auto q1 = figures->getArray("questions")->getObject(0);
    CHECK(q1->getValue<double>("right_share") == 0.5);
    std::string answers;
    for (const auto& item : *q1->getArray("answers")) {
        const auto answer = item.extract<Poco::JSON::Object::Ptr>();
        if (answer->getValue<int>("count") > 0)
            answers += answer->getValue<std::string>("value") + " " +
                       answer->getValue<std::string>("kind") + ", ";
    }
    CHECK(answers == "A (V) right, A (W) wrong, B (V) wrong, C (W) right, ");
    // A question that is cancelled in a version has no points there.
    CHECK(figures->getArray("questions")->getObject(1)->getValue<double>("mean") == 0.5);
    CHECK_THAT(exam.artifact("analysis.json"), Catch::Contains("NO_VERSION"));
}
