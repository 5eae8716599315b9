// template new and template print, as a person calls them.
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"
#include "terminal.h"

using namespace sheafline;

TEST_CASE("template new asks on a terminal, and what it writes can be printed") {
    const TemporaryFolder folder;
    const TerminalSession session(folder.path(),
                                  {"template", "new", "exam.yaml", "--questions", "12", "--choices",
                                   "4", "--columns", "2", "--paper", "letter"},
                                  100, 30, {"Digits of the student number", "x\n5\n"});
    INFO(session.bytes());
    REQUIRE(session.status() == 0);
    CHECK_THAT(session.bytes(), Catch::Contains("'x' is not a number from 0 to 12"));
    const std::string text = folder.read("exam.yaml");
    CHECK_THAT(text, Catch::Contains("sheet: exam"));
    CHECK_THAT(text, Catch::Contains("{width: 215.9, height: 279.4}"));
    CHECK_THAT(text, Catch::Contains("count: 5, values: \"0123456789\""));
    CHECK_THAT(text, Catch::Contains("count: 12, first: 1"));
    CHECK(folder.read("exam.png").starts_with("\x89PNG"));

    folder.write("class.csv", "id,name,class\n1,Ana,7B\n2,Ben,7B\n");
    const auto printed = runProgram(folder.path(), {"template", "print", "exam.yaml", "--roster",
                                                    "class.csv", "--out", "sheets.pdf"});
    INFO(printed.err);
    REQUIRE(printed.status == 0);
    CHECK_THAT(printed.err, Catch::Contains("Wrote sheets.pdf: 2 pages for 2 students"));
    CHECK(folder.read("sheets.pdf").starts_with("%PDF-"));
}

TEST_CASE("template new without a terminal takes the defaults, and replaces no file") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"template", "new", "exam.yaml"}).status == 0);
    const std::string first = folder.read("exam.yaml");
    CHECK_THAT(first, Catch::Contains("count: 40, first: 1"));
    const auto again =
        runProgram(folder.path(), {"template", "new", "exam.yaml", "--questions", "7"});
    CHECK(again.status == 2);
    CHECK_THAT(again.err, Catch::Contains("exam.yaml exists; choose another name, or replace it "
                                          "with --force"));
    CHECK(folder.read("exam.yaml") == first);
    CHECK(runProgram(folder.path(), {"template", "new", "exam.yaml", "--questions", "7", "--force"})
              .status == 0);
    CHECK_THAT(folder.read("exam.yaml"), Catch::Contains("count: 7, first: 1"));
    REQUIRE(
        runProgram(folder.path(), {"template", "new", "rtl.yaml", "--direction", "rtl"}).status ==
        0);
    CHECK_THAT(folder.read("rtl.yaml"), Catch::Contains("direction: rtl"));
    CHECK(runProgram(folder.path(), {"template", "print", "rtl.yaml", "--out", "rtl.pdf"}).status ==
          0);
}

TEST_CASE("template new and template print reject wrong input with place and remedy") {
    const TemporaryFolder folder;
    folder.write("class.csv", "name\nAna\n");
    REQUIRE(runProgram(folder.path(), {"template", "new", "exam.yaml"}).status == 0);
    const auto errorOf = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "template");
        const auto result = runProgram(folder.path(), words);
        CHECK(result.status != 0);
        return result.err;
    };
    CHECK_THAT(errorOf({"new", "exam.txt"}), Catch::Contains("must end with .yaml"));
    CHECK_THAT(errorOf({"new", "a.yaml", "--questions", "401"}), Catch::Contains("1 to 400"));
    CHECK_THAT(errorOf({"new", "a.yaml", "--questions", "400", "--choices", "10"}),
               Catch::Contains("do not fit on the page"));
    CHECK_THAT(errorOf({"print", "exam.yaml", "--roster", "class.csv", "--out", "s.pdf"}),
               Catch::Contains("class.csv:1:1: the header has no column 'id'"));
    CHECK_THAT(errorOf({"print", "exam.yaml", "--out", "no/s.pdf"}),
               Catch::Contains("no/s.pdf: the folder no does not exist; create it"));
    CHECK_THAT(errorOf({"new", "no/a.yaml"}), Catch::Contains("the folder no does not exist"));
    CHECK_THAT(
        errorOf({"print", "exam.yaml", "--roster", "class.csv", "--copies", "2", "--out", "s.pdf"}),
        Catch::Contains("--roster excludes --copies"));
    CHECK_THAT(errorOf({"print", "no.yaml", "--out", "s.pdf"}), Catch::Contains("no.yaml"));
    CHECK_FALSE(std::filesystem::exists(folder / "s.pdf"));
    CHECK_FALSE(std::filesystem::exists(folder / "a.yaml"));
}
