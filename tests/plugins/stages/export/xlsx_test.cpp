// The Excel file, read by openpyxl.
#include <csignal>
#include <cstdlib>
#include <sys/resource.h>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include "exported_batch.h"
#include "made_sheets.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

namespace {

ExportedBatch batchOf(const std::vector<std::string>& answers, const std::string& score = "1") {
    return {"xlsx", "math.xlsx", answers, score};
}

bool hasOpenpyxl() { return std::system("/usr/bin/python3 -c 'import openpyxl' 2>/dev/null") == 0; }

class ReadWorkbook {
 public:
    explicit ReadWorkbook(const ExportedBatch& batch) {
        const std::string out = (batch.folder.path() / "book.json").string();
        const std::string command = "/usr/bin/python3 " SHEAFLINE_SOURCE_DIR
                                    "/tests/plugins/stages/export/read_workbook.py " +
                                    batch.path().string() + " > " + out + " 2>&1";
        const int status = std::system(command.c_str());
        INFO(batch.folder.read("book.json").substr(0, 3000));
        REQUIRE(status == 0);
        book_ = Poco::JSON::Parser()
                    .parse(batch.folder.read("book.json"))
                    .extract<Poco::JSON::Object::Ptr>();
    }

    bool has(const std::string& sheet) const { return book_->has(sheet); }
    std::string frozen(const std::string& sheet) const {
        return book_->getObject(sheet)->getValue<std::string>("frozen");
    }
    std::size_t rows(const std::string& sheet) const {
        return book_->getObject(sheet)->getArray("rows")->size();
    }
    Poco::Dynamic::Var cell(const std::string& sheet, unsigned row, unsigned column) const {
        return book_->getObject(sheet)->getArray("rows")->getArray(row)->get(column);
    }
    // s: text, n: number, f: formula.
    std::string type(const std::string& sheet, unsigned row, unsigned column) const {
        return book_->getObject(sheet)->getArray("types")->getArray(row)->getElement<std::string>(
            column);
    }

 private:
    Poco::JSON::Object::Ptr book_;
};

}  // namespace

TEST_CASE("the Excel file has the rows, numbers as numbers, and a header that stays in view") {
    if (!hasOpenpyxl()) {
        WARN("skipped: python3-openpyxl is not installed");
        return;
    }
    ExportedBatch batch = batchOf({"0042", "B"}, "-2.5");
    REQUIRE(batch.write().message.empty());
    const ReadWorkbook book(batch);
    CHECK(book.rows("results") == 3);
    CHECK(book.frozen("results") == "A2");
    CHECK(book.cell("results", 0, 8) == "answer");
    CHECK(book.cell("results", 1, 8) == "0042");
    CHECK(book.type("results", 1, 8) == "s");
    CHECK(book.cell("results", 2, 1) == 2);
    CHECK(book.type("results", 2, 1) == "n");
    CHECK(book.cell("results", 1, 9) == -2.5);
    CHECK(book.cell("results", 1, 10) == 1);
    CHECK_FALSE(book.has("analysis"));
    CHECK(batch.run.progress().lastMessage() == "Generated Excel file math.xlsx with 2 rows");
    CHECK_FALSE(fs::exists(batch.unfinished));
}

TEST_CASE("findings about the roster are a worksheet of the Excel file") {
    if (!hasOpenpyxl()) {
        WARN("skipped: python3-openpyxl is not installed");
        return;
    }
    ExportedBatch batch = batchOf({"A"});
    fs::create_directories(batch.path().parent_path());
    batch.folder.write("batch/artifacts/roster-findings.csv",
                       "problem,student,name,class,page,sheets,detail\n"
                       "missing_student,007,\"Doe, Jane\",7B,,,the student has no sheet\n");
    REQUIRE(batch.write().message.empty());
    const ReadWorkbook book(batch);
    CHECK(book.rows("findings") == 2);
    CHECK(book.cell("findings", 0, 0) == "problem");
    CHECK(book.cell("findings", 1, 1) == "007");
    CHECK(book.cell("findings", 1, 2) == "Doe, Jane");
}

TEST_CASE("no text becomes a formula, a link or a number in the Excel file, and all survive",
          "[F33]") {
    if (!hasOpenpyxl()) {
        WARN("skipped: python3-openpyxl is not installed");
        return;
    }
    const std::vector<std::string> values{
        "=1+1",        "+1",         "@SUM(A1)", "{=1}",          "http://example.com",
        "a & <b>",     "two\nlines", "_x0041_",  "_x000a_x0041_", "_x_x00_",
        "007",         "1e5",        " space ",  "\ttab",         "Grüße ✓",
        "say \"yes\"", "TRUE",       "#N/A",     "2024-01-01",    "🙂"};
    ExportedBatch batch = batchOf(values, "=2+2");
    REQUIRE(batch.write().message.empty());
    const ReadWorkbook book(batch);
    for (unsigned i = 0; i < values.size(); ++i) {
        CAPTURE(values[i]);
        CHECK(book.cell("results", i + 1, 8).toString() == values[i]);
        CHECK(book.type("results", i + 1, 8) == "s");
        CHECK(book.type("results", i + 1, 9) == "s");
    }
}

TEST_CASE("control characters and bytes that are not UTF-8 leave the Excel file readable") {
    if (!hasOpenpyxl()) {
        WARN("skipped: python3-openpyxl is not installed");
        return;
    }
    ExportedBatch batch =
        batchOf({"a\x01z", "a\0z"s, "a\xffz", "\x1b[2J", "a\x0bz", "a\xEF\xBF\xBFz"});
    REQUIRE(batch.write().message.empty());
    const ReadWorkbook book(batch);
    CHECK(book.rows("results") == 7);
    CHECK(book.cell("results", 1, 8) == "a\x01z");
    CHECK(book.cell("results", 6, 8) == "a\xEF\xBF\xBDz");
    CHECK(book.cell("results", 2, 8) == "a\xEF\xBF\xBDz");
    CHECK(book.cell("results", 3, 8) == "a\xEF\xBF\xBDz");
}

TEST_CASE("the same rows give the same Excel file, also after a crash", "[F33]") {
    ExportedBatch batch = batchOf(numberedAnswers(5000));
    REQUIRE(batch.write().message.empty());
    const std::string first = batch.file();
    batch.folder.write(fs::relative(batch.unfinished, batch.folder.path()).string(), "torn");
    REQUIRE(batch.write().message.empty());
    CHECK(batch.file() == first);
}

TEST_CASE("a text that no cell can hold is an error that names its place") {
    ExportedBatch batch = batchOf({"A", std::string(32'768, 'x')});
    const StageOutcome outcome = batch.write();
    CHECK(outcome.code == "XLSX_CELL");
    CHECK_THAT(outcome.message, Catch::StartsWith("row 3, column 9 of the worksheet results has "
                                                  "more than 32,767 characters"));
    CHECK_FALSE(fs::exists(batch.path()));
    ExportedBatch longest = batchOf({std::string(32'767, 'x')});
    CHECK(longest.write().message.empty());
}

TEST_CASE("a file that cannot grow any more is an error and never an incomplete Excel file") {
    const rlim_t limit = GENERATE(2'000U, 50'000U, 200'000U, 1'000'000U);
    ExportedBatch batch = batchOf(numberedAnswers(20'000));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit lower{limit, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
    const StageOutcome outcome = batch.write();
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, SIG_DFL);
    CAPTURE(limit, outcome.message);
    CHECK(outcome.code != "done");
    CHECK_FALSE(fs::exists(batch.path()));
    REQUIRE(batch.write().message.empty());
}

TEST_CASE("the figures of the stage analyze are worksheets of the Excel file") {
    if (!hasOpenpyxl()) {
        WARN("skipped: python3-openpyxl is not installed");
        return;
    }
    ExportedBatch batch = batchOf({"A"});
    const std::string scores =
        R"("sheets":1,"mean":0.5,"standard_deviation":null,"lowest":1,"lower_quartile":1,"median":1,"upper_quartile":1,"highest":1,"reliability":null,"standard_error":null)";
    fs::create_directories(batch.path().parent_path());
    batch.folder.write(
        "batch/artifacts/analysis.json",
        R"({"format":1,"exam":{)" + scores +
            R"(},"remarks":[{"code":"X","message":"few sheets"}],)" +
            R"("classes":[{"name":"=7A",)" + scores +
            R"(}],"questions":[{"name":"q1","most_points":1,)" +
            R"("mean":0.5,"standard_deviation":null,"difficulty":0.5,"right_share":0.5,"blank_share":0,)" +
            R"("item_rest":null,"item_total":null,"reliability_without":null,"remarks":[],)" +
            R"("answers":[{"value":"A","kind":"right","points":1,"count":1,"share":1,"mean_rest":0,"discrimination":null}]}]})");
    REQUIRE(batch.write().message.empty());
    const ReadWorkbook book(batch);
    CHECK(book.cell("analysis", 1, 1) == "few sheets");
    CHECK(book.cell("analysis", 1, 3) == 0.5);
    CHECK(book.cell("analysis", 1, 4).isEmpty());
    CHECK(book.cell("analysis", 2, 0) == "=7A");
    CHECK(book.type("analysis", 2, 0) == "s");
    CHECK(book.cell("questions", 1, 4) == 0.5);
    CHECK(book.cell("answers", 1, 2) == "right");
}

TEST_CASE("an artifact that is not an analysis is an error that names it") {
    ExportedBatch batch = batchOf({"A"});
    fs::create_directories(batch.path().parent_path());
    const auto* content = GENERATE("", "{", "[]", R"({"format":2})", R"({"format":1})", "null");
    batch.folder.write("batch/artifacts/analysis.json", content);
    const StageOutcome outcome = batch.write();
    CAPTURE(content);
    CHECK(outcome.code == "ANALYSIS_UNREADABLE");
    CHECK_THAT(outcome.message, Catch::StartsWith("the artifact analysis.json is not an analysis"));
}

TEST_CASE("an Excel file of 20,000 sheets with 100 questions needs less than 32 MiB") {
    const TemporaryFolder folder;
    MadeRun run(folder.path(), 20'000, 100);
    const long before = mostMemoryKib();
    REQUIRE(runStage("xlsx", {}, run).message.empty());
    const long used = mostMemoryKib() - before;
    CAPTURE(used);
    if (kMeasuresMemory) CHECK(used < 32L * 1024);
}
