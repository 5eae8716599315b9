#include <fstream>

#include <catch2/catch.hpp>

#include "export/exported_batch.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

namespace {

const std::string kHeader =
    "batch_id,sheet,file,page,qr,group,status,flags,answer,score,confidence\n";

struct Batch : ExportedBatch {
    explicit Batch(const std::vector<std::string>& answers, const std::string& score = "1")
        : ExportedBatch("csv", "math.csv", answers, score) {}
    std::string write() { return ExportedBatch::write().code; }
};

// Fields of a CSV file, strictly by the grammar of RFC 4180.
std::vector<std::vector<std::string>> parseCsv(const std::string& text) {
    std::vector<std::vector<std::string>> lines(1, {""});
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            lines.back().back() += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            lines.back().emplace_back();
        } else if (!quoted && c == '\n') {
            lines.push_back({""});
        } else {
            lines.back().back() += c;
        }
    }
    lines.pop_back();
    return lines;
}

}  // namespace

TEST_CASE("csv writes a header and one line per sheet, with LF") {
    Batch batch({"A", "B"});
    REQUIRE(batch.write() == "done");
    CHECK(batch.file() == kHeader + "b,1,f,1,,,read,,A,1,1.000\nb,2,f,1,,,read,,B,1,1.000\n");
    CHECK(batch.run.progress().events().front().message == "Generating CSV");
    CHECK(batch.run.progress().lastMessage() == "Generated CSV math.csv with 2 rows");
}

TEST_CASE("any field value survives the CSV round trip", "[F33]") {
    const std::vector<std::string> values{"a,b",   "say \"yes\"", "two\nlines", "two\r\nlines",
                                          "a\0b"s, " space ",     "",           "Grüße ✓",
                                          "\"",    "plain"};
    Batch batch(values);
    REQUIRE(batch.write() == "done");
    const auto lines = parseCsv(batch.file());
    REQUIRE(lines.size() == values.size() + 1);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(lines[i + 1][8] == values[i]);
}

TEST_CASE("a text that a spreadsheet would execute gets an apostrophe, a number does not",
          "[F33]") {
    const std::string start = GENERATE("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=\"a,b\"");
    Batch batch({start}, "-2.5");
    REQUIRE(batch.write() == "done");
    const auto line = parseCsv(batch.file()).at(1);
    CHECK(line[8] == "'" + start);
    CHECK(line[9] == "-2.5");
}

TEST_CASE("a score that is not a number is guarded like any text") {
    Batch batch({"A"}, "-2+cmd");
    REQUIRE(batch.write() == "done");
    CHECK(parseCsv(batch.file()).at(1)[9] == "'-2+cmd");
}

TEST_CASE("after a crash at any checkpoint the CSV is what it would have been", "[F33]") {
    Batch undisturbed(numberedAnswers(9000));
    REQUIRE(undisturbed.write() == "done");
    const int at = GENERATE(1, 2, 3, 4, 5);
    const auto* damage = GENERATE("none", "more", "torn", "changed", "gone");
    Batch batch(numberedAnswers(9000));
    batch.run.onCheckpoint([&](int n) {
        if (n == at) throw Error(ErrorClass::transient, "CRASH", "");
    });
    REQUIRE(batch.write() == "CRASH");
    CHECK_FALSE(fs::exists(batch.run.folder() / "math.csv"));
    const auto size = fs::file_size(batch.unfinished);
    if (damage == "more"s) fs::resize_file(batch.unfinished, size + 100);
    if (damage == "torn"s) fs::resize_file(batch.unfinished, size / 3);
    if (damage == "changed"s) std::fstream(batch.unfinished).seekp(50) << "X";
    if (damage == "gone"s) fs::remove(batch.unfinished);
    batch.run.onCheckpoint({});
    REQUIRE(batch.write() == "done");
    CHECK(batch.file() == undisturbed.file());
}

TEST_CASE("the next execution rewrites the CSV") {
    Batch batch(numberedAnswers(5));
    REQUIRE(batch.write() == "done");
    batch.run.sheets().setRow(2, {"b", "2", "f", "1", "", "", "read", "", "fixed", "1", "1.000"});
    batch.run.nextExecution();
    REQUIRE(batch.write() == "done");
    CHECK_THAT(batch.file(), Catch::Contains("fixed"));
}

TEST_CASE("csv rejects a sheet without a row, and names it") {
    Batch batch({"A"});
    batch.run.sheets().setRow(1, {"too", "short"});
    const StageOutcome outcome = runStage("csv", batch.params, batch.run);
    CHECK(outcome.code == "ROW_MISSING");
    CHECK_THAT(outcome.message, Catch::StartsWith("sheet 1 has no row"));
}

TEST_CASE("the name of a CSV file must not contain a folder") {
    const std::string name = GENERATE("../a.csv", "/etc/a.csv", "a/b.csv", ".", "..", ".hidden",
                                      "a\\b.csv", "a\nb.csv", "");
    CHECK_THROWS_AS(makeStage("csv", {{"file", {.text = name}}}), ConfigError);
}

TEST_CASE("a sheet whose answers are in the row of another one has no line") {
    for (const int more : {0, 2500}) {
        Batch batch(numberedAnswers(4 + more));
        batch.run.sheets().setColumns({"answer", "sheets_of_student"});
        batch.run.sheets().setRow(2, {"b", "1", "f", "1", "", "", "read", ""});
        batch.run.sheets().setRow(4, {"b", "3", "f", "1", "", "", "read", ""});
        REQUIRE(batch.write() == "done");
        CHECK(batch.file().find("b,2,") == std::string::npos);
        CHECK(batch.run.progress().lastMessage() ==
              "Generated CSV math.csv with " + std::to_string(2 + more) + " rows");
    }
}
