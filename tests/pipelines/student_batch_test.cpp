// An exam of two pages from sheets to one row a student, in every target, through decisions, kills
// and another key.
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <sheafline/sqlite/statement.h>

#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
namespace fs = std::filesystem;

namespace {

const std::string kTemplates = SHEAFLINE_SOURCE_DIR "/pipelines/templates/";

constexpr const char* kPipeline = R"yaml(
name: two
params: {input: {type: path, required: true}}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - id: organize
    uses: organize_qr
    with:
      pattern: "(?<exam>[A-Z0-9]+)-(?<class>[A-Z0-9]+)/(?<page>[0-9]+)/(?<student>[0-9]+)"
      group_by: "{exam}-{class}"
      template: two.yaml
  - {id: process, uses: dispatch, with: {processor: omr, template: two.yaml}}
  - {id: collect, uses: collect, with: {rows: student, template: two.yaml, roster: class.csv}}
  - {id: analyze, uses: analyze, with: {template: two.yaml}}
  - {id: csv, uses: csv, with: {file: marks.csv}}
  - {id: jsonl, uses: jsonl, with: {file: marks.jsonl}}
  - {id: xlsx, uses: xlsx, with: {file: marks.xlsx}}
  - {id: load, uses: db_load, with: {url: "sqlite:marks.db"}}
)yaml";

using Row = std::map<std::string, std::string>;

std::vector<Row> rowsOf(const std::string& csv) {
    std::vector<Row> rows;
    std::vector<std::string> names;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> cells;
        std::istringstream in(line);
        for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
        if (names.empty()) {
            names = cells;
            continue;
        }
        Row& row = rows.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i) row[names[i]] = cells[i];
    }
    return rows;
}

std::string textOf(const std::vector<Row>& rows) {
    std::string text;
    for (const Row& row : rows) {
        for (const auto& [column, value] : row) text += column + "=" + value + " ";
        text += '\n';
    }
    return text;
}

struct Exam {
    TemporaryFolder folder{};

    explicit Exam(int sheets) {
        std::ostringstream form;
        form << std::ifstream(kTemplates + "demo-two-pages.yaml").rdbuf();
        std::string text = form.str();
        text +=
            "key: {questions: {q1..q120: {answer: A, points: {right: 1, wrong: 0}}}, "
            "lowest: 25, out_of: 240, grades: [{from: 50%, grade: pass}, {from: 0, grade: "
            "fail}]}\n";
        const std::string output = "output: [student, q1..q120]";
        text.replace(text.find(output), output.size(), "output: [student, q1..q120, score, grade]");
        folder.write("two.yaml", text);
        folder.write("two-pages.yaml", kPipeline);
        run({"sample", "--sheets", std::to_string(sheets), "--pages", "2", "--profile", "clean",
             "--out", "s.zip", "--truth", "truth.json"});
        std::string list = "id,name\n";
        for (const auto& [sheet, answers] : truth())
            if (answers.contains("student"))
                list += answers.at("student") + ",Student " + sheet.substr(0, 10) + "\n";
        folder.write("class.csv", list);
        run({"run", "two-pages.yaml", "--input", "s.zip", "--batch-id", "b"});
    }

    std::map<std::string, Row> truth() const {
        std::map<std::string, Row> all;
        const auto sheets = Poco::JSON::Parser()
                                .parse(folder.read("truth.json"))
                                .extract<Poco::JSON::Object::Ptr>();
        for (const std::string& sheet : sheets->getNames()) {
            const auto answers = sheets->getObject(sheet)->getObject("answers");
            for (const std::string& field : answers->getNames())
                all[sheet][field] = answers->getValue<std::string>(field);
        }
        return all;
    }

    ProgramResult run(const std::vector<std::string>& arguments, int status = 0,
                      const std::map<std::string, std::string>& environment = {}) const {
        const ProgramResult result = runProgram(folder.path(), arguments, environment);
        INFO(result.out << result.err);
        REQUIRE(result.status == status);
        return result;
    }

    std::string artifact(const std::string& name) const {
        return folder.read("sheafline-data/batches/b/artifacts/" + name);
    }
    std::vector<Row> rows() const { return rowsOf(artifact("marks.csv")); }
    std::string table(const std::string& what) const {
        sqlite::Database database(folder / "marks.db");
        sqlite::Statement rows(database, "SELECT " + what + " FROM omr_results ORDER BY sheet");
        std::string all;
        while (rows.step()) all += (all.empty() ? "" : "\n") + rows.text(0);
        return all;
    }
};

// By the key of the template, without its floor.
int pointsOf(const Row& row) {
    int points = 0;
    for (const auto& [column, value] : row)
        if (column.starts_with("q") && column != "qr" && !value.empty())
            points += value == "A" ? 1 : 0;
    return points;
}

}  // namespace

TEST_CASE("every target has one row a student with the answers of both pages and one score") {
    const Exam exam(8);
    const auto rows = exam.rows();
    REQUIRE(rows.size() == 4);
    const auto truth = exam.truth();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row& row = rows[i];
        CHECK(row.at("sheets_of_student") ==
              std::to_string(2 * i + 1) + " " + std::to_string(2 * i + 2));
        CHECK(row.at("status") == "read");
        Row expected = truth.at(row.at("file"));
        for (const auto& [field, value] :
             truth.at("scan-0000" + std::to_string(2 * i + 2) + ".jpg"))
            expected[field] = value;
        for (const auto& [field, value] : expected) {
            CAPTURE(row.at("file"), field);
            CHECK(row.at(field) == value);
        }
        const int points = std::max(25, pointsOf(row));
        CHECK(row.at("score") == std::to_string(2 * points));
        CHECK(row.at("grade") == (points >= 60 ? "pass" : "fail"));
    }
    const std::string jsonl = exam.artifact("marks.jsonl");
    CHECK(std::ranges::count(jsonl, '\n') == 4);
    CHECK(exam.table("count(*) || '|' || count(DISTINCT student)") == "4|4");
    const auto analysis = Poco::JSON::Parser()
                              .parse(exam.artifact("analysis.json"))
                              .extract<Poco::JSON::Object::Ptr>();
    CHECK(analysis->getObject("sheets")->getValue<int>("analyzed") == 4);
    CHECK(analysis->getObject("sheets")->getValue<std::string>("rows") == "student");
    CHECK(exam.artifact("analysis.html").find("4 of 4 students analyzed") != std::string::npos);
    CHECK(exam.artifact("roster-findings.csv") ==
          "problem,student,name,class,page,sheets,detail\n");
}

TEST_CASE("a decision about page 2 changes the row of its student, also after kill -9") {
    const Exam exam(6);
    const auto before = exam.rows();
    const std::string answer = before[1].at("q70") == "A" ? "B" : "A";
    exam.folder.write("decisions.csv", "sheet,field,value\n4,q70," + answer + "\n");
    exam.run({"decide", "b", "--file", "decisions.csv"});
    fs::copy(exam.folder / "sheafline-data", exam.folder / "kept", fs::copy_options::recursive);
    fs::copy_file(exam.folder / "marks.db", exam.folder / "kept.db");
    for (const char* fault : {"", "batch/collect.chunk:1:kill", "batch/db_load.replace:1:kill",
                              "batch/db_load.replaced:1:kill", "batch/csv.chunk:1:kill"}) {
        CAPTURE(fault);
        fs::remove_all(exam.folder / "sheafline-data");
        fs::copy(exam.folder / "kept", exam.folder / "sheafline-data", fs::copy_options::recursive);
        fs::copy_file(exam.folder / "kept.db", exam.folder / "marks.db",
                      fs::copy_options::overwrite_existing);
        std::map<std::string, std::string> environment;
        fs::remove_all(exam.folder / "counts");
        fs::create_directories(exam.folder / "counts");
        environment["SHEAFLINE_FAULT_COUNT"] = (exam.folder / "counts").string();  // one kill
        if (*fault != '\0') environment["SHEAFLINE_FAULT"] = fault;
        const auto applied =
            runProgram(exam.folder.path(), {"decide", "b", "--apply"}, environment);
        INFO(applied.out << applied.err);
        HistoryReader history(exam.folder / "sheafline-data/history.db");
        if (history.batch("b")->state != BatchState::completed) exam.run({"resume", "b"});
        auto expected = before;
        expected[1]["q70"] = answer;
        expected[1]["flags"] = "q70:by_hand";
        const int points = std::max(25, pointsOf(expected[1]));
        expected[1]["score"] = std::to_string(2 * points);
        CHECK(textOf(exam.rows()) == textOf(expected));
        CHECK(exam.table("count(*)") == "3");
        CHECK(exam.table("q70").find('\n') != std::string::npos);
        CHECK(exam.table("student || q70 || score") ==
              expected[0]["student"] + expected[0]["q70"] + expected[0]["score"] + "\n" +
                  expected[1]["student"] + answer + expected[1]["score"] + "\n" +
                  expected[2]["student"] + expected[2]["q70"] + expected[2]["score"]);
    }
}

TEST_CASE("a discarded second page leaves its student incomplete, and another key scores all") {
    const Exam exam(6);
    exam.folder.write("decisions.csv", "sheet,discard\n4,true\n");
    exam.run({"decide", "b", "--file", "decisions.csv", "--apply"});
    auto rows = exam.rows();
    REQUIRE(rows.size() == 3);
    CHECK(rows[1].at("status") == "incomplete");
    CHECK(rows[1].at("flags") == "sheet:missing_page;page2:missing");
    CHECK(rows[1].at("grade").empty());
    CHECK(rows[1].at("q70").empty());
    CHECK_THAT(exam.artifact("roster-findings.csv"), Catch::Contains("missing_page,"));
    CHECK_THAT(exam.artifact("analysis.html"), Catch::Contains("1 student lacks a page"));
    CHECK(exam.table("count(*)") == "3");
    exam.folder.write("key.yaml",
                      "questions: {q1..q120: {answer: A, bonus: all, points: 2}}\n"
                      "grades: [{from: 100%, grade: top}, {from: 0, grade: low}]\n");
    exam.run({"score", "b", "--key", "key.yaml", "--reason", "appeal"});
    rows = exam.rows();
    CHECK(rows[0].at("score") == "240");
    CHECK(rows[0].at("grade") == "top");
    CHECK(rows[1].at("score") == "120");
    CHECK(rows[1].at("grade").empty());
    CHECK(exam.table("score") == "240\n120\n240");
}
