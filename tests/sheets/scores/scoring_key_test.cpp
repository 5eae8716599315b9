// Keys in YAML: what answers are worth, versions and grades, and what is rejected with its line.
#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/answer_points.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/score_again.h>

#include "temporary_folder.h"

using namespace sheafline::sheets;

namespace {

const std::string kSheet = R"(sheet: exam
page: {width: 200, height: 200}
bubble: {radius: 2}
fields:
  - {name: q, count: 6, values: ABCD, origin: [20, 20], step: [0, 8], value_step: [6, 0]}
  - {name: version, values: AB, origin: [80, 20], value_step: [6, 0]}
  - {name: number, type: digits, count: 2, origin: [120, 20], step: [8, 0], value_step: [0, 6], join: true}
)";

class Exam {
 public:
    explicit Exam(const std::string& key, const std::string& name = "key.yaml") {
        folder.write("sheet.yaml", kSheet + "key: " + name + "\n");
        folder.write(name, key);
    }

    std::string findings() const {
        try {
            loadTemplate(folder / "sheet.yaml");
        } catch (const sheafline::ConfigError& error) {
            std::string all;
            for (const auto& finding : error.findings())
                all += toString(finding).substr(folder.path().string().size() + 1) + "\n";
            return all;
        }
        return "";
    }

    // Score and grade of the answers q1, q2 …, version and number.
    std::string score(const std::vector<std::string>& answers,
                      const SheetOrigin& origin = {}) const {
        const Template sheet = loadTemplate(folder / "sheet.yaml");
        std::vector<NamedValue> named;
        for (std::size_t i = 0; i < answers.size(); ++i)
            named.push_back({.column = sheet.output[i].name, .value = answers[i]});
        const SheetScore score = scoreOf(named, origin, sheet);
        return score.score + (score.grade.empty() ? "" : " " + score.grade);
    }

    sheafline::TemporaryFolder folder{};
};

}  // namespace

TEST_CASE("a key gives points to right, alternative, weighted and missing answers") {
    const Exam exam(R"key(points: {right: 2, wrong: -0.5, blank: 0}
questions:
  q1: B
  q2: [B, D]
  q3: {answers: {A: 3, AB: 1.5}}
  q4: {answer: C, points: 1, weight: 4}
  q5: {answer: C, points: {wrong: -3}, lowest: -1}
)key");
    CHECK(exam.score({"B", "B", "A", "C", "C"}) == "13");
    CHECK(exam.score({"B", "D", "AB", "C", "C"}) == "11.5");
    CHECK(exam.score({"", "", "", "", ""}) == "0");
    CHECK(exam.score({"A", "A", "B", "", ""}) == "-1.5");
    CHECK(exam.score({"", "", "", "A", ""}) == "-2");
    CHECK(exam.score({"", "", "", "", "A"}) == "-1");
}

TEST_CASE("a question with several right choices needs all of them, or pays by formula") {
    const Exam strict("questions: {q1: {all: [A, C]}}\n");
    CHECK(strict.score({"AC"}) == "1");
    CHECK(strict.score({"A"}) == "0");
    CHECK(strict.score({"ACD"}) == "0");
    const Exam partial(R"key(points: {right: 2, blank: -1}
formula: "points * max(0, right - wrong) / answers"
questions: {q1: {all: [A, C]}, q2: B}
)key");
    CHECK(partial.score({"AC", "B"}) == "4");
    CHECK(partial.score({"A", "B"}) == "3");
    CHECK(partial.score({"AB", "B"}) == "2");
    CHECK(partial.score({"ABC", "A"}) == "1");
    CHECK(partial.score({"BD", "A"}) == "0");
    CHECK(partial.score({"", ""}) == "-2");
    const Exam each_box(R"key(questions:
  q1: {all: [A, C], formula: "0.25 * (right + avoided) - 0.5 * (wrong + missed)", lowest: -0.25}
)key");
    CHECK(each_box.score({"AC"}) == "1");
    CHECK(each_box.score({"A"}) == "0.25");
    CHECK(each_box.score({"BD"}) == "-0.25");
}

TEST_CASE("bonus and cancelled questions, and the limits of the exam") {
    const Exam exam(R"key(points: {right: 1, wrong: -2}
questions:
  q1: A
  q2: {answer: A, bonus: all, points: 3}
  q3: {bonus: attempted}
  q4: {cancelled: true}
  q5: {answer: B, cancelled: true}
lowest: 0
)key");
    CHECK(exam.score({"A", "", "", "A", "B"}) == "4");
    CHECK(exam.score({"B", "C", "D", "", ""}) == "2");
    const Exam scaled(R"key(questions: {q1..q3: A}
lowest: 0
out_of: 10
step: 0.5
grades: [{from: 90%, grade: "1"}, {from: 50%, grade: "3"}, {from: 0, grade: "5"}]
)key");
    CHECK(scaled.score({"A", "A", "A"}) == "10 1");
    CHECK(scaled.score({"A", "A", "B"}) == "6.5 3");
    CHECK(scaled.score({"A", "B", "B"}) == "3.5 5");
}

TEST_CASE("a section has points of its own, and a question may differ from its section") {
    const Exam exam(R"key(questions: {q1..q4: A, q3: {answer: A, points: 7}}
sections:
  hard: {questions: [q2..q3], points: {right: 3, wrong: -1}, weight: 2}
)key");
    // A range and a name of the same question are two answers.
    CHECK_THAT(exam.findings(), Catch::Contains("key.yaml:1:24: the key answers 'q3' twice"));
    const Exam fixed(R"key(questions: {q1: A, q2: A, q3: {answer: A, points: 7}}
sections:
  hard: {questions: [q2..q3], points: {right: 3, wrong: -1}, weight: 2}
)key");
    CHECK(fixed.score({"A", "A", "A"}) == "21");
    CHECK(fixed.score({"B", "B", "B"}) == "-4");
}

TEST_CASE("the version of an exam comes from a bubble, a group or a code") {
    const std::string keys = R"(
  keys:
    A: {q1: A, q2: B}
    B: {q1: B, q2: A}
questions: {q1: D, q3: C}
)";
    const Exam bubble("versions:\n  by: version" + keys);
    CHECK(bubble.score({"A", "B", "C", "", "", "", "A", ""}) == "3");
    CHECK(bubble.score({"A", "B", "C", "", "", "", "B", ""}) == "1");
    CHECK(bubble.score({"A", "B", "C", "", "", "", "", ""}) == "");
    const Exam group("versions:\n  by: '{group}'\n  otherwise: B" + keys);
    CHECK(group.score({"A", "B", "C"}, {.group = "A"}) == "3");
    CHECK(group.score({"A", "B", "C"}, {.group = "X"}) == "1");
    const Exam code(R"key(versions:
  by: '{qr}'
  keys:
    first: {match: "MATH-[AC]/.*", questions: {q1: A}}
    second: {match: "MATH-B/.*", questions: {q1: B}}
)key");
    CHECK(code.score({"A"}, {.qr = "MATH-C/1/77"}) == "1");
    CHECK(code.score({"A"}, {.qr = "MATH-B/1/77"}) == "0");
    CHECK(code.score({"A"}, {.qr = "BIO-A/1/77"}) == "");
}

TEST_CASE("a key with a mistake is rejected with its line and a remedy") {
    const auto [key, told] = GENERATE(table<std::string, std::string>({
        {"questions:\n  q1: E\n",
         "key.yaml:2:3: the key says 'E' for 'q1', whose values are A, B, C, D"},
        {"questions:\n  q1: A\n  q9: A\n",
         "key.yaml:3:3: the key has an answer to 'q9', which is not"},
        {"questions:\n  number: 123\n", "key.yaml:2:3: the key says '123' for 'number'"},
        {"questions:\n  number: {all: [1, 2]}\n", "key.yaml:2:3: 'number' has several fields"},
        {"questions: {q1: {all: [A, X]}}\n", "the key says 'X' for 'q1'"},
        {"questions: {q1: {all: [A], answer: B}}\n", "a question has either answer: or all:"},
        {"questions: {q1: {points: 2}}\n", "'q1' has no answer; write answer: B"},
        {"questions: {q1: {answer: A, point: 2}}\n",
         "unknown key 'point' in q1; did you mean 'points'?"},
        {"questions: {q1: A}\npoints: {right: many}\n", "key.yaml:2:17: right: 'many'"},
        {"questions: {q3..q1: A}\n", "'q3..q1' is not a range"},
        {"questions: {q1: A}\nsections: {s: {questions: [q1..q2]}}\n",
         "key.yaml:2:27: there is no answer to 'q2'"},
        {"questions: {q1: {all: [A], formula: 'rigth'}}\n",
         "key.yaml:1:37: the formula of 'q1', character 1: unknown name 'rigth'; did you mean "
         "'right'?"},
        {"questions: {q1: {all: [A, B], formula: '1 / (right - 1)'}}\n",
         "the formula divides by zero"},
        {"questions: {q1: A}\ngrades: [{from: 50%, grade: B}, {from: 90%, grade: A}]\n",
         "list the highest grade first"},
        {"questions: {q1: A}\ngrades: [{from: high, grade: A}]\n",
         "key.yaml:2:17: 'high' is neither points nor a percentage"},
        {"versions: {by: color, keys: {A: {q1: A}}}\n", "there is no column 'color'"},
        {"versions: {by: version, otherwise: C, keys: {A: {q1: A}}}\n", "there is no version 'C'"},
        {"versions: {by: version, keys: {A: {q1: X}}}\n",
         "key.yaml:1:36: the key says 'X' for 'q1'"},
        {"{}\n", "the key has no questions"},
        {"[q1, q2]\n", "the file is not a mapping"},
        {"questions: {q1: A\n", "key.yaml:"},
    }));
    INFO(key);
    CHECK_THAT(Exam(key).findings(), Catch::Contains(told));
}

TEST_CASE("a CSV key names the line of an answer that no sheet can have") {
    CHECK(Exam("question,answer\nq1,A\nq2,X\n", "key.csv").findings() ==
          "key.csv:3:1: the key says 'X' for 'q2', whose values are A, B, C, D; correct the key\n");
    CHECK(Exam("question,answer\n", "key.csv").findings() ==
          "key.csv:1:1: the key has no answers; write lines such as q1,B\n");
}

TEST_CASE("a key may be written in the template, and a grade is a column") {
    const auto columns = [](const Template& sheet) {
        std::string names;
        for (const auto& column : sheet.output) names += column.name + " ";
        return names;
    };
    const Template sheet = parseTemplate(
        kSheet + "key: {questions: {q1: A}, grades: [{from: 1, grade: pass}]}\n", "t.yaml");
    CHECK(columns(sheet) == "q1 q2 q3 q4 q5 q6 version number score grade ");
    const Template chosen =
        parseTemplate(kSheet +
                          "key: {questions: {q1: A}, grades: [{from: 1, grade: pass}]}\n"
                          "output: [q1, grade, score]\n",
                      "t.yaml");
    CHECK(columns(chosen) == "q1 grade score ");
    CHECK_THROWS_WITH(
        parseTemplate(kSheet + "key: {questions: {q1: A}}\noutput: [q1, grade]\n", "t"),
        Catch::Contains("a grade needs a key with grades"));
    CHECK_THROWS_WITH(parseTemplate(kSheet + "output: [q1, score]\n", "t"),
                      Catch::Contains("a score needs a key"));
}

TEST_CASE("another key replaces that of a template, and a wrong one changes nothing") {
    const sheafline::TemporaryFolder folder;
    folder.write("good.yaml", "questions: {q2: B}\n");
    folder.write("bad.yaml", "questions: {q2: X}\n");
    Template sheet = parseTemplate(kSheet + "key: {questions: {q1: A}}\n", "t.yaml");
    CHECK_THROWS_AS(replaceKey(sheet, folder / "bad.yaml"), sheafline::ConfigError);
    CHECK(sheet.key.versions[0].answers[0].column == "q1");
    replaceKey(sheet, folder / "good.yaml");
    CHECK(sheet.key.versions[0].answers[0].column == "q2");
    CHECK(sheet.key_files == std::vector{folder / "good.yaml"});
}

TEST_CASE("a sheet without a version has no score and a flag until its version is decided") {
    const Template sheet = parseTemplate(
        kSheet + "key: {versions: {by: version, keys: {A: {q1: A}, B: {q1: B}}}}\n", "t.yaml");
    std::vector<std::string> values(sheet.output.size());
    CHECK(flagsWithScore("q1:faint", values, sheet) == "q1:faint;score:no_version");
    values.back() = "1";
    CHECK(flagsWithScore("q1:faint;score:no_version", values, sheet) == "q1:faint");
    CHECK(flagsWithScore("score:no_version;q1:faint", values, sheet) == "q1:faint");
    CHECK(flagsWithScore("score:no_version", values, sheet).empty());
}
