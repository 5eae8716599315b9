// Rows of students in a table: their key, and rows that an apply moves to another sheet.
#include <catch2/catch.hpp>

#include "db_load_batch.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// Rows of students: the sheets 1 and 2 are those of s1, the sheets 3 and 4 those of s3, …
struct StudentBatch : Batch {
    StudentBatch(const Target& target, int sheets) : Batch(target, sheets) {
        run.sheets().setColumns({"student", "q1", "score", "sheets_of_student"});
        for (int n = 1; n <= sheets; n += 2) {
            setStudent(n, "s" + std::to_string(n), "A");
            setPage(n + 1, n);
        }
    }

    void setStudent(int n, const std::string& student, const std::string& q1) {
        run.sheets().setRow(n, {"batch-1", std::to_string(n), "f.jpg", "1", "", "", "read", "",
                                student, q1, "1", "1 2", "0.975"});
    }

    void setPage(int n, int of) {
        run.sheets().setRow(n, {"batch-1", std::to_string(of), "f.jpg", "1", "", "", "read", ""});
    }
};

const std::string kStudents = "SELECT student, sheet, q1 FROM omr_results ORDER BY sheet";

}  // namespace

TEST_CASE("rows of students have the key batch_id and student, and load again as often as wanted") {
    for (const auto& target : targets()) {
        StudentBatch batch(*target, 10);
        batch.params["chunk_rows"] = {.text = "3"};
        REQUIRE(batch.preflight() == "done");
        REQUIRE(batch.load() == "done");
        CHECK(batch.run.progress().lastMessage() == "Loaded 5 rows into omr_results");
        CHECK(target->query(kStudents) == "s1|1|A\ns3|3|A\ns5|5|A\ns7|7|A\ns9|9|A");
        // The table exists now, and its key is known before the columns of the batch are.
        CHECK(batch.preflight() == "done");
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "5");
        // Another execution: s3 has the sheets 3 to 5, s5 has sheet 6, s9 none.
        batch.setPage(5, 3);
        batch.setStudent(6, "s5", "B");
        batch.setStudent(9, "s10", "C");
        batch.run.nextExecution();
        REQUIRE(batch.load() == "done");
        CHECK(target->query(kStudents) == "s1|1|A\ns3|3|A\ns5|6|B\ns7|7|A\ns10|9|C");
        // A table that was emptied is loaded again.
        target->query("DELETE FROM omr_results");
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM omr_results") == "5");
    }
}

TEST_CASE("an apply replaces the rows of the students that it changes") {
    for (const auto& target : targets()) {
        StudentBatch batch(*target, 6);
        REQUIRE(batch.load() == "done");
        // s1 and s3 exchange their first sheets, and s5 loses its row to s6.
        batch.setStudent(1, "s3", "B");
        batch.setStudent(3, "s1", "C");
        batch.setStudent(5, "s6", "D");
        batch.run.nextExecution();
        batch.run.setChangedSheets({1, 2, 3, 5});
        REQUIRE(batch.load() == "done");
        CHECK(batch.run.progress().lastMessage() == "Loaded 3 changed rows into omr_results");
        CHECK(target->query(kStudents) == "s3|1|B\ns1|3|C\ns6|5|D");
        // Now sheet 1 is a page of s1, whose row stays at sheet 3.
        batch.setPage(1, 3);
        batch.run.setChangedSheets({1});
        REQUIRE(batch.load() == "done");
        CHECK(target->query(kStudents) == "s1|3|C\ns6|5|D");
    }
}

TEST_CASE("a table has rows of sheets or of students, and never both") {
    for (const auto& target : targets()) {
        StudentBatch students(*target, 2);
        Batch sheets(*target, 2);
        REQUIRE(sheets.load() == "done");
        CHECK(students.load() == "SCHEMA_DRIFT");
        CHECK_THAT(students.message,
                   Catch::Contains("has a row for each sheet, and this batch has one for each "
                                   "student; load into another table"));
        students.params["table"] = sheets.params["table"] = {.text = "other"};
        REQUIRE(students.load() == "done");
        CHECK(sheets.load() == "SCHEMA_DRIFT");
        CHECK_THAT(sheets.message, Catch::Contains("needs the primary key (batch_id, sheet)"));
    }
}
