// `sheafline review`: its lines, and its keys on a terminal.
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "decisions/waiting_batch.h"
#include "terminal.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// A data folder with an ended batch `b` of hard sheets.
struct HardBatch {
    Site site{};

    HardBatch() {
        site.folder.write("reviewed.yaml", reviewedPipeline(""));
        run({"sample", "--sheets", "2", "--profile", "hard", "--out", "b.zip"});
        run({"run", "reviewed.yaml", "--input", "b.zip", "--batch-id", "b"});
    }
    void run(const std::vector<std::string>& arguments) const {
        const auto result = runProgram(site.folder.path(), arguments);
        INFO(result.err);
        REQUIRE(result.status == 0);
    }
    std::string csv() const {
        return site.folder.read("sheafline-data/batches/b/artifacts/demo.csv");
    }
    ProgramResult review(const std::string& lines) const {
        site.folder.write("lines", lines);
        return runProgram(site.folder.path(), {"review", "b"}, {}, site.folder / "lines");
    }
    int open() const {
        const std::string shown = review("q\n").out;
        const auto at = shown.find("1 of ");
        return at == std::string::npos ? 0 : std::stoi(shown.substr(at + 5));
    }
};

}  // namespace

TEST_CASE("review takes lines, stores each decision at once, and undoes the last one") {
    const HardBatch batch;
    const auto reviewed = batch.review("?\nno such value\n\n\n/\n-\nq\n");
    INFO(reviewed.out << reviewed.err);
    CHECK(reviewed.status == 0);
    CHECK(reviewed.out.find("cannot be 'no such value'") != std::string::npos);
    CHECK(reviewed.out.find(": confirmed") != std::string::npos);
    CHECK(reviewed.out.find("undone") != std::string::npos);
    CHECK(reviewed.out.find(": no answer") != std::string::npos);
    CHECK(reviewed.err.find("stored 2 decisions") != std::string::npos);
    CHECK(std::filesystem::exists(batch.site.folder / "review-b"));
    batch.run({"decide", "b", "--apply"});
    CHECK(countOf(batch.csv(), ":by_hand") == 2);
}

TEST_CASE("review on a terminal takes keys, and a second review continues with what is open") {
    const HardBatch batch;
    const int before = batch.open();
    REQUIRE(before > 2);
    const TerminalSession session(batch.site.folder.path(), {"review", "b"}, 100, 30,
                                  {.question = "> ", .answer = "\n\nq"});
    INFO(session.bytes());
    CHECK(session.status() == 0);
    CHECK(session.bytes().find("stored 2 decisions") != std::string::npos);
    CHECK(batch.open() == before - 2);
}

TEST_CASE("the keys of review move, undo, ask for a value, and quit at Escape") {
    const HardBatch batch;
    const int before = batch.open();
    // Next, previous, a value that is typed, undo; then Escape.
    const TerminalSession session(batch.site.folder.path(), {"review", "b"}, 100, 30,
                                  {.question = "> ", .answer = "..,=C\n/=\n\x1b"});
    INFO(session.bytes());
    CHECK(session.status() == 0);
    for (const std::string& shown :
         {"2 of " + std::to_string(before), "3 of " + std::to_string(before),
          std::string("value: "), std::string("undone")})
        CHECK(session.bytes().find(shown) != std::string::npos);
}

TEST_CASE("review discards a sheet by its key, and all answers of the sheet are settled") {
    const HardBatch batch;
    const TerminalSession session(batch.site.folder.path(), {"review", "b"}, 100, 30,
                                  {.question = "> ", .answer = "!q"});
    INFO(session.bytes());
    CHECK(session.status() == 0);
    CHECK(session.bytes().find("stored 1 decision;") != std::string::npos);
    // The next answer is of the other sheet.
    const auto last = session.bytes().rfind(" of ");
    REQUIRE(last != std::string::npos);
    CHECK(session.bytes().substr(last).find("sheet 2") != std::string::npos);
    batch.run({"decide", "b", "--apply"});
    const auto sheets =
        runProgram(batch.site.folder.path(), {"sheets", "b", "--state", "discarded", "--json"});
    CHECK(countOf(sheets.out, "scan-0000") == 1);
}
