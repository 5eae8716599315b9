// The files of `sheafline decide --file`, as spreadsheets and scripts write them.
#include "decisions/decision_file.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "temporary_folder.h"

using namespace sheafline;

namespace {

// "3 q7=B; " of each decision, or the error.
std::string read(const std::string& text) {
    const TemporaryFolder folder;
    folder.write("d.csv", text);
    std::string all;
    try {
        for (const NewDecision& decision : decisionsOfFile(folder / "d.csv"))
            all += std::to_string(decision.sheet) + " " + decision.field + "=" + decision.value +
                   (decision.reason.empty() ? "" : " " + decision.reason) + "; ";
    } catch (const ConfigError& error) {
        return error.what();
    }
    return all;
}

}  // namespace

TEST_CASE("decisions are read from the CSV of each spreadsheet") {
    const std::string expected = "3 q7=B; 5 q1=; ";
    CHECK(read("sheet,field,value\n3,q7,B\n5,q1,\n") == expected);
    CHECK(read("\xEF\xBB\xBFsheet,field,value\r\n3,q7,B\r\n5,q1,\r\n") == expected);
    CHECK(read("sheet;field;value\n3;q7;B\n5;q1;\n") == expected);
    CHECK(read("sheet\tfield\tvalue\n3\tq7\tB\n5\tq1\t\n") == expected);
    CHECK(read("sheet,field,value\r3,q7,B\r5,q1,\r") == expected);
    CHECK(read("Sheet, Field ,VALUE\n 3,q7, B\n5,q1,\n") == expected);
    CHECK(read("sheet,field,value,,\n3,q7,B,,\n,,,,\n5,q1,,,\n") == expected);
    CHECK(read("sheet,field,value,reason\n3,q7,B,\"says \"\"B\"\",\nsee q8\"\n") ==
          "3 q7=B says \"B\",\nsee q8; ");
    CHECK(read("sheet,discard,confirm,field\n4,TRUE,,\n5,,True,q1\n") == "4 =; 5 q1=; ");
    CHECK(read("sheet,field,value\n").empty());
}

TEST_CASE("a line without all of its cells is no empty answer") {
    CHECK(read("sheet,field,value\n3,q7\n") == "d.csv:2:1: the line has 2 cells for 3 columns");
    CHECK(read("sheet,field,value\n3,q7,B,C\n") == "d.csv:2:1: the line has 4 cells for 3 columns");
    CHECK(read("undo\n1,2\n") == "d.csv:2:1: the line has 2 cells for 1 column");
    CHECK(read("sheet,field,value,\n3,q7,B,C\n") == "d.csv:2:1: the column of 'C' has no name");
}

TEST_CASE("a file that is no CSV of decisions has one error that says what to do") {
    CHECK(read("") ==
          "d.csv is empty; its first line names the columns, such as "
          "sheet,field,value,reason");
    CHECK_THAT(read("sheet,feild,value\n3,q7,B\n4,q7,B\n"),
               Catch::Equals("d.csv:1:1: unknown column 'feild'; did you mean 'field'?"));
    CHECK(read("sheet,field,value,Value\n") ==
          "d.csv:1:1: the line names the column 'value' twice");
    CHECK(read("sheet,field,value\n3,q7,\xE4\n") ==
          "d.csv:2:1: not UTF-8; save the file as CSV UTF-8");
    CHECK(read(std::string("\xFF\xFEs\0h\0", 6)) ==
          "d.csv:1:1: not UTF-8; save the file as CSV UTF-8");
    CHECK(read(std::string("sheet\n3\0\n", 9)) ==
          "d.csv:2:1: not UTF-8; save the file as CSV UTF-8");
    CHECK(read("sheet,field,value\n3,q7,B\n3,q8,\"A\n") ==
          "d.csv:3:1: a quotation mark is not closed");
    CHECK_THAT(read("sheet,field,value,reason\n3,q7,B,a\x1b[2Jb\n"),
               Catch::Equals("d.csv:2:1: reason: has a control character; remove it"));
}

TEST_CASE("a file with an error in each line shows the first ones and the number of the rest") {
    std::string text = "sheet,field,value\n";
    for (int i = 0; i < 1000; ++i) text += "x,q7,B\n";
    const std::string errors = read(text);
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 20);
    CHECK_THAT(errors, Catch::StartsWith("d.csv:2:1: sheet: must be a whole number") &&
                           Catch::EndsWith("d.csv: 980 more errors"));
}

TEST_CASE("a file of decisions that cannot be read is named") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH(decisionsOfFile(folder.path()),
                      folder.path().string() + " is a folder; give a CSV file of decisions");
    CHECK_THROWS_WITH(decisionsOfFile(folder / "none.csv"),
                      Catch::Contains("none.csv: No such file or directory; check its name"));
}
