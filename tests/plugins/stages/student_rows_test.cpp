// One row a student: the pages of an exam joined, with its score, and what happens to sheets that
// are missing, there twice, without a student, or changed by a decision.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/collected_row.h>

#include "stage_outcome.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// The version is a bubble of the first page, and its key counts on both.
constexpr const char* kTemplate = R"(sheet: two
page: {width: 200, height: 200}
qr: {box: [150, 10, 30]}
bubble: {radius: 2}
pages:
  - fields:
      - {name: student, type: digits, count: 3, origin: [120, 60], step: [8, 0], value_step: [0, 6], join: true}
      - {name: version, values: AB, origin: [80, 60], value_step: [6, 0]}
      - {name: q, count: 2, values: ABCD, origin: [20, 60], step: [0, 8], value_step: [6, 0]}
  - fields:
      - {name: q, count: 2, first: 3, values: ABCD, origin: [20, 60], step: [0, 8], value_step: [6, 0]}
key:
  points: {right: 1, wrong: -1}
  versions: {by: version, keys: {A: {q1: A, q3: A}, B: {q1: B, q3: B}}}
  questions: {q2: C, q4: C}
  lowest: 0
  out_of: 8
  grades: [{from: 75%, grade: good}, {from: 0, grade: bad}]
output: [student, version, q1..q4, score, grade]
)";

struct Page {
    std::string student{};  // in the code
    int page = 1;
    std::vector<std::string> values{};  // student, version, q1 to q4, score and grade
    std::string flags{};
    std::string exam = "MATH";
};

Page first(const std::string& student, const std::string& version, const std::string& q1 = "A",
           const std::string& q2 = "C") {
    return {.student = student, .values = {student, version, q1, q2, "", "", "2", "bad"}};
}

Page second(const std::string& student, const std::string& q3 = "A", const std::string& q4 = "C") {
    return {.student = student, .page = 2, .values = {"", "", "", "", q3, q4, "", ""}};
}

struct Batch {
    TemporaryFolder folder{};
    MemoryStageRun run{folder.path(), "collect"};
    ParamValues params{};
    std::vector<Page> pages{};

    explicit Batch(std::vector<Page> all) : pages(std::move(all)) {
        folder.write("two.yaml", kTemplate);
        params["rows"] = {.text = "student"};
        params["template"] = {.text = (folder / "two.yaml").string()};
        std::vector<Sheet> sheets(pages.size());
        for (Sheet& sheet : sheets) sheet.file = "scan.jpg";
        run.sheets().add(sheets);
        run.sheets().freeze();
        run.sheets().setColumns({"student", "version", "q1", "q2", "q3", "q4", "score", "grade"});
        for (std::size_t i = 0; i < pages.size(); ++i) read(static_cast<int>(i) + 1, pages[i]);
    }

    void read(int number, const Page& page) {
        if (!page.student.empty())
            run.sheets().setCode(
                number, page.exam + "-7B/" + std::to_string(page.page) + "/" + page.student, "");
        if (page.values.empty())
            run.sheets().quarantine(number, "unreadable");
        else
            run.sheets().setReading(number,
                                    {.values = page.values,
                                     .flags = page.flags,
                                     .confidence = 1.0 - 0.1 * page.page,
                                     .evidence = "{\"page\":" + std::to_string(page.page) + "}"});
    }

    std::string collect() {
        const StageOutcome outcome = runStage("collect", params, run);
        return outcome.code == "done" ? rows() : outcome.code + ": " + outcome.message;
    }

    // "1: 100 A A C A C 8 good | 1 2 | read | \n", with the flags at the end.
    std::string rows() {
        SheetTable& sheets = run.sheets();
        const std::size_t columns = sheets.rowColumns().size();
        std::string text;
        for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
            const auto row = collectedRow(sheets, number, columns, "test");
            if (!row) continue;
            text += row->at(1) + ":";
            for (std::size_t i = 8; i < 16; ++i) text += " " + row->at(i);
            text += " | " + row->at(16) + " | " + row->at(6) + " | " + row->at(7) + "\n";
        }
        return text;
    }

    std::string findings() const {
        std::string text = folder.read("batch/artifacts/roster-findings.csv");
        std::string all;
        for (std::size_t at = text.find('\n') + 1; at < text.size(); at = text.find('\n', at) + 1) {
            const std::string line = text.substr(at, text.find('\n', at) - at);
            all += line.substr(0, line.find(',', line.find(',') + 1)) + ";";
        }
        return all;
    }
};

}  // namespace

TEST_CASE("the pages of a student are one row, scored as one exam by the version of page 1") {
    Batch batch(
        {first("100", "A"), second("100"), second("200", "B", "D"), first("200", "B", "B")});
    CHECK(batch.collect() ==
          "1: 100 A A C A C 8 good | 1 2 | read | \n"
          "4: 200 B B C B D 4 bad | 3 4 | read | \n");
    const auto row = *batch.run.sheets().row(1);
    CHECK(row.back() == "0.800");
    CHECK(batch.run.sheets().rowColumns().at(16) == "sheets_of_student");
    // The other pages name the sheet that has the row.
    CHECK(batch.run.sheets().row(2)->size() == sheetColumns().size());
    CHECK(batch.run.sheets().row(2)->at(1) == "1");
    CHECK(batch.findings().empty());
    CHECK_THAT(batch.run.progress().lastMessage(),
               Catch::Contains("Collected 2 rows from 4 sheets (4 read, 0 quarantined, 0 "
                               "discarded), 0 findings about students"));
    // Collected again, the columns are not added twice.
    CHECK(batch.collect().starts_with("1: 100 A A C A C 8 good | 1 2 | read"));
    CHECK(batch.run.sheets().columns().size() == 9);
}

TEST_CASE("a missing page leaves its columns empty, without a grade, and is a finding") {
    Batch batch({first("100", "A"), first("200", "A"), {.student = "200", .page = 2}});
    CHECK(batch.collect() ==
          "1: 100 A A C   4  | 1 | incomplete | sheet:missing_page;page2:missing\n"
          "2: 200 A A C   4  | 2 3 | incomplete | page2:quarantined\n");
    CHECK(batch.findings() == "missing_page,100;");
}

TEST_CASE("of two sheets of a student's page, the rule for duplicates says which counts") {
    const auto [rule, rows] = GENERATE(
        std::pair("flag",
                  "1: 100 A A C A C 8 good | 1 2 | read | sheet:several_sheets;sheet:duplicate\n"
                  "3: 100#3 A B C   0  | 3 | incomplete | sheet:several_sheets;sheet:duplicate\n"),
        std::pair("first", "1: 100 A A C A C 8 good | 1 2 3 | read | sheet:several_sheets\n"),
        std::pair("last", "3: 100 A B C A C 4 bad | 1 2 3 | read | sheet:several_sheets\n"));
    Batch batch({first("100", "A"), second("100"), first("100", "A", "B")});
    batch.params["duplicates"] = {.text = rule};
    CHECK(batch.collect() == rows);
    CHECK(batch.findings() == "several_sheets,100;");
    const bool set_aside = std::string(rule) != "flag";
    CHECK(batch.run.sheets().count(SheetState::quarantined) == (set_aside ? 1 : 0));
}

TEST_CASE("sheets without a known student have rows of their own, each with a flag") {
    Page other = second("300");
    other.exam = "BIO";
    Page unread = first("1_0", "A");
    unread.student = "";
    Page nobody = second("");
    Batch batch({first("100", "A"), second("100"), nobody, unread, other, unread, {}});
    CHECK(batch.collect() ==
          "1: 100 A A C A C 8 good | 1 2 | read | \n"
          "3: #3    A C   | 3 | incomplete | sheet:no_student;score:no_version\n"
          "4: 1_0#4 A A C   4  | 4 | incomplete | sheet:unknown_student\n"
          "5: 300#5    A C   | 5 | incomplete | sheet:other_exam;score:no_version\n"
          "6: 1_0#6 A A C   4  | 6 | incomplete | sheet:unknown_student\n"
          "7: #7        | 7 | quarantined | sheet:no_student\n");
    CHECK(batch.findings() ==
          "no_student,;unknown_student,1_0;other_exam,300;unknown_student,1_0;");
}

TEST_CASE("numbers without a mark are not one student") {
    Batch batch({first("--", "A"), first("--", "B")});
    batch.folder.write("two.yaml", kTemplate + std::string("empty: \"--\"\n"));
    for (const int number : {1, 2}) batch.run.sheets().setCode(number, "MATH-7B/1", "");
    const std::string rows = batch.collect();
    CHECK_THAT(rows, Catch::Contains("1: #1 A") && Catch::Contains("2: #2 B"));
}

TEST_CASE("a discarded sheet has no row of its own and does not count for its student") {
    Batch batch({first("100", "A"), second("100"), first("200", "A")});
    batch.run.sheets().discard(2);
    batch.run.sheets().discard(3);
    CHECK(batch.collect() ==
          "1: 100 A A C   4  | 1 | incomplete | sheet:missing_page;page2:missing\n");
    CHECK(batch.run.sheets().row(3)->size() == sheetColumns().size());
}

TEST_CASE("a field of two pages with different answers is flagged") {
    Page both = second("100");
    both.values[1] = "B";
    Batch batch({first("100", "A"), both});
    CHECK_THAT(batch.collect(), Catch::Contains("| 1 2 | read | version:pages_differ\n"));
}

TEST_CASE("an apply moves an answer to the row of the student who is decided, and no other") {
    Batch batch({first("100", "A"), second("100"), first("200", "A"), second("200", "B"),
                 first("300", "A"), second("300")});
    REQUIRE(batch.collect().find("100#") == std::string::npos);
    const auto before = batch.run.sheets().row(5);
    // Somebody decides that sheet 2 is a page of 200, and sheet 4 one of 100.
    Page moved = second("200");
    batch.read(2, moved);
    moved = second("100", "B");
    batch.read(4, moved);
    batch.run.nextExecution();
    batch.run.setChangedSheets({2, 4});
    CHECK(batch.collect() ==
          "1: 100 A A C B C 4 bad | 1 4 | read | \n"
          "3: 200 A A C A C 8 good | 2 3 | read | \n"
          "5: 300 A A C A C 8 good | 5 6 | read | \n");
    CHECK(batch.run.sheets().row(5) == before);
}

TEST_CASE("rows of students continue after a crash with the same rows") {
    std::vector<Page> pages;
    for (int student = 0; student < 600; ++student) {
        pages.push_back(first(std::to_string(100 + student), "A"));
        pages.push_back(second(std::to_string(100 + (student + 1) % 600)));
    }
    Batch whole(pages);
    const std::string expected = whole.collect();
    Batch batch(pages);
    batch.run.onCheckpoint([](int n) {
        if (n == 2) throw Error(ErrorClass::transient, "CRASH", "");
    });
    REQUIRE(batch.collect().starts_with("CRASH"));
    batch.run.crash();
    batch.run.onCheckpoint({});
    CHECK(batch.collect() == expected);
}

TEST_CASE("rows of students need the template that read the sheets for their scores") {
    Batch batch({first("100", "A"), second("100")});
    batch.params.erase("template");
    CHECK_THROWS_WITH(batch.collect(),
                      Catch::Contains("set the option template of the stage collect"));
    batch.run.sheets().setColumns({"a", "b"});
    batch.params["template"] = {.text = (batch.folder / "two.yaml").string()};
    CHECK_THROWS_WITH(batch.collect(),
                      Catch::Contains("the results have no column 'student' of the "
                                      "template 'two'"));
}

TEST_CASE("the roster's columns are joined into the row of the student") {
    Batch batch({first("100", "A"), second("100"), first("999", "A"), second("999")});
    batch.folder.write("class.csv", "id,name\n100,Ada\n101,Bob\n");
    batch.params["roster"] = {.text = (batch.folder / "class.csv").string()};
    batch.collect();
    CHECK(batch.run.sheets().row(1)->at(17) == "Ada");
    CHECK(batch.run.sheets().row(3)->at(17).empty());
    CHECK(batch.run.sheets().row(3)->at(7) == "sheet:unknown_student");
    CHECK(batch.findings() == "missing_student,101;unknown_student,999;unknown_student,999;");
}
