// Batches compared with a class list: what is found, what is not invented, and what rows get.
#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/collected_row.h>

#include "stage_outcome.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string idOf(int student) {
    const std::string digits = std::to_string(2'400'000 + student);
    return digits;
}

// Sheets of a form of two pages, as a processor would have read them.
struct Exam {
    TemporaryFolder folder{};
    MemoryStageRun run{folder.path(), "collect"};
    ParamValues params{};
    std::vector<Sheet> sheets{};
    std::vector<std::string> students{};

    Exam() {
        params["roster"] = {.text = (folder.path() / "class.csv").string()};
        params["code"] = {.text = "(?<exam>[A-Z]+)-[0-9A-Z]+/(?<page>[0-9]+)/(?<student>[0-9]+)"};
    }

    void add(const std::string& student, int page, const std::string& exam = "MATH") {
        sheets.push_back({.file = "scan.jpg"});
        sheets.back().qr = exam + "-7B/" + std::to_string(page) + "/" + student;
        students.push_back(student);
    }

    void read() {
        run.sheets().add(sheets);
        run.sheets().freeze();
        run.sheets().setColumns({"student", "q1"});
        for (std::size_t i = 0; i < sheets.size(); ++i) {
            const int number = static_cast<int>(i) + 1;
            run.sheets().setCode(number, sheets[i].qr, "MATH-7B");
            run.sheets().setReading(number, {.values = {students[i], "A"}, .confidence = 1});
        }
    }

    StageOutcome collect() { return runStage("collect", params, run); }

    std::string findings() const { return folder.read("batch/artifacts/roster-findings.csv"); }

    // "missing_student 5;several_sheets 3;"
    std::string counts() const {
        std::map<std::string, int> counts;
        std::string text = findings();
        for (std::size_t at = text.find('\n') + 1; at < text.size(); at = text.find('\n', at) + 1)
            ++counts[text.substr(at, text.find(',', at) - at)];
        std::string all;
        for (const auto& [problem, count] : counts)
            all += problem + " " + std::to_string(count) + ";";
        return all;
    }
};

// A two-page exam of 300 students with every kind of mistake; returns the findings.
std::vector<std::string> examOf300(Exam& exam) {
    std::string roster = "id,name,class\n";
    for (int student = 0; student < 300; ++student)
        roster += idOf(student) + ",Student " + std::to_string(student) + "," +
                  (student < 150 ? "7A" : "7B") + "\n";
    exam.folder.write("class.csv", roster);
    std::vector<std::string> expected;
    for (int student = 0; student < 300; ++student) {
        if (student % 60 == 7) {  // 5 are missing
            expected.push_back("missing_student," + idOf(student));
            continue;
        }
        exam.add(idOf(student), 1);
        if (student % 75 == 11)  // 4 second pages are lost
            expected.push_back("missing_page," + idOf(student));
        else
            exam.add(idOf(student), 2);
        if (student % 100 == 50) {  // 3 first pages are there twice
            exam.add(idOf(student), 1);
            expected.push_back("several_sheets," + idOf(student));
        }
    }
    for (const char* stranger : {"9999991", "9999992"}) {
        exam.add(stranger, 1);
        expected.push_back(std::string("unknown_student,") + stranger);
    }
    exam.read();
    return expected;
}

}  // namespace

TEST_CASE("of a roster of 300, all missing, double and foreign sheets and lost pages are found") {
    Exam exam;
    const std::vector<std::string> expected = examOf300(exam);
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "missing_page 4;missing_student 5;several_sheets 3;unknown_student 2;");
    const std::string findings = exam.findings();
    for (const std::string& finding : expected) {
        CAPTURE(finding);
        CHECK(findings.find(finding + ",") != std::string::npos);
    }
    CHECK_THAT(exam.run.progress().lastMessage(), Catch::Contains("14 findings about the roster"));
    const auto columns = exam.run.sheets().rowColumns();
    CHECK(std::vector<std::string>(columns.end() - 5, columns.end()) ==
          std::vector<std::string>{"student", "q1", "name", "class", "confidence"});
    const auto first = *exam.run.sheets().row(1);
    CHECK(std::vector<std::string>(first.end() - 5, first.end()) ==
          std::vector<std::string>{idOf(0), "A", "Student 0", "7A", "1.000"});
    const auto stranger = *exam.run.sheets().row(static_cast<int>(exam.sheets.size()));
    CHECK(stranger[7] == "sheet:unknown_student");
    CHECK(stranger[stranger.size() - 3].empty());
}

TEST_CASE("rows of students of the roster of 300 have the same findings, and lose no sheet") {
    Exam exam;
    examOf300(exam);
    exam.params["rows"] = {.text = "student"};
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "missing_page 4;missing_student 5;several_sheets 3;unknown_student 2;");
    SheetTable& sheets = exam.run.sheets();
    std::map<std::string, int> statuses;
    std::vector<bool> in_row(sheets.size());
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const auto row = collectedRow(sheets, number, sheets.rowColumns().size(), "test");
        if (!row) continue;
        ++statuses[row->at(6)];
        std::istringstream numbers(row->at(10));
        for (std::size_t joined = 0; numbers >> joined;) {
            CHECK_FALSE(in_row.at(joined - 1));
            in_row.at(joined - 1) = true;
        }
    }
    CHECK(std::ranges::count(in_row, false) == 0);
    // 291 students have both pages; 4 lost one, 2 are strangers with one, 3 sheets are second
    // scans.
    CHECK(statuses == std::map<std::string, int>{{"read", 291}, {"incomplete", 9}});
}

TEST_CASE("a batch that has every page of every student once has no findings") {
    Exam exam;
    exam.folder.write("class.csv", "id;name\r\n1;\"Müller; Jörg\"\r\n2;Zoë\r\n");
    for (const char* student : {"1", "2"}) {
        exam.add(student, 1);
        exam.add(student, 2);
    }
    exam.read();
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.findings() == "problem,student,name,class,page,sheets,detail\n");
    CHECK(exam.run.sheets().row(2)->at(10) == "Müller; Jörg");
    // Collected again, as after a retry, the columns of the roster are not added twice.
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.run.sheets().columns() == std::vector<std::string>{"student", "q1", "name"});
}

TEST_CASE("a sheet of another exam is a finding, and nothing else is said about it") {
    Exam exam;
    exam.folder.write("class.csv", "id\n1\n2\n3\n");
    exam.add("1", 1);
    exam.add("2", 1);
    exam.add("3", 1, "BIO");
    exam.add("3", 1);
    exam.add("9", 1, "BIO");
    exam.read();
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "other_exam 2;");
    CHECK_THAT(exam.findings(), Catch::Contains("the code names the exam 'BIO', and the others "
                                                "'MATH'"));
    exam.params["exam"] = {.text = "BIO"};
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "missing_student 2;other_exam 3;unknown_student 1;");
}

TEST_CASE("a quarantined sheet whose code names its student is not missing, a discarded one is") {
    Exam exam;
    exam.folder.write("class.csv", "id,name\n1,Ann\n2,Bob\n3,Cid\n");
    exam.add("1", 1);
    exam.add("2", 1);
    exam.add("3", 1);
    exam.read();
    exam.run.sheets().quarantine(2, "unreadable");
    exam.run.sheets().discard(3);
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "missing_student 1;");
    CHECK_THAT(exam.findings(), Catch::Contains("missing_student,3,Cid,"));
    const auto quarantined = *exam.run.sheets().row(2);
    CHECK(quarantined[quarantined.size() - 2] == "Bob");
}

TEST_CASE("an unknown number that may be a student's names the student and the line") {
    Exam exam;
    exam.folder.write("class.csv", "id\n2400001\n2400002\n77\n");
    exam.params["code"] = {.text = ""};
    exam.add("24_0001", 1);
    exam.add("0000077", 1);
    exam.add("2400002", 1);
    exam.read();
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "missing_student 2;unknown_student 2;");
    CHECK_THAT(exam.findings(), Catch::Contains("it may be '2400001'"));
    CHECK_THAT(exam.findings(), Catch::Contains("line 4 has '77', which differs in leading zeros"));
}

TEST_CASE("scans of the same page that are set aside are still a finding") {
    Exam exam;
    exam.folder.write("class.csv", "id\n1\n2\n");
    exam.add("1", 1);
    exam.add("2", 1);
    exam.add("1", 1);
    exam.params["duplicates"] = {.text = "first"};
    exam.read();
    exam.folder.write("batch/scanned-twice", "3 1\n");
    REQUIRE(exam.collect().message.empty());
    CHECK(exam.counts() == "several_sheets 1;");
    CHECK(exam.run.sheets().at(3).state == SheetState::quarantined);
}

TEST_CASE("a roster with mistakes is rejected with the line of each") {
    const auto [roster, told] = GENERATE(table<std::string, std::string>({
        {"id,name\n1,Ann\n1,Bob\n", "class.csv:3:1: the id '1' is also in line 2"},
        {"id,name\n1,Ann\n,Bob\n", "class.csv:3:1: this student has no id"},
        {"id,name\n1\n", "class.csv:2:1: this line has 1 cells and the header has 2"},
        {"number,name\n1,Ann\n", "class.csv:1:1: the header has no column 'id'"},
        {"id,name,name\n1,Ann,A\n", "the header has the column 'name' twice"},
        {"id,name\n", "the list has no students"},
        {"", "the list is empty"},
        {"id,name\n1,\xE9ric\n", "class.csv:2:1: not UTF-8"},
    }));
    Exam exam;
    exam.folder.write("class.csv", roster);
    exam.add("1", 1);
    exam.read();
    std::string message;
    try {
        makeStage("collect", exam.params);
    } catch (const ConfigError& error) {
        message = error.what();
    }
    CHECK_THAT(message, Catch::Contains(told));
}

TEST_CASE("a roster whose column is one of the results is rejected by name") {
    Exam exam;
    exam.folder.write("class.csv", "id,group\n1,7A\n");
    exam.add("1", 1);
    exam.read();
    CHECK_THROWS_WITH(exam.collect(),
                      "the roster's column 'group' is a column of the results "
                      "already; rename it in class.csv");
}

TEST_CASE("a roster needs a column or a code that names students") {
    Exam exam;
    exam.folder.write("class.csv", "id\n1\n");
    exam.params["student"] = {.text = "roll"};
    exam.params["code"] = {.text = ""};
    exam.add("1", 1);
    exam.read();
    CHECK_THROWS_WITH(exam.collect(), Catch::Contains("the results have no column 'roll'"));
}
