#include <cmath>
#include <fstream>
#include <tuple>

#include <catch2/catch.hpp>

#include "stage_outcome.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string joined(const std::optional<std::vector<std::string>>& row) {
    if (!row) return "none";
    std::string text;
    for (const std::string& value : *row) text += value + "|";
    return text;
}

struct Batch {
    TemporaryFolder folder{};
    MemoryStageRun run{folder.path(), "collect"};

    explicit Batch(int sheets) {
        std::vector<Sheet> list(static_cast<std::size_t>(sheets));
        for (Sheet& sheet : list) sheet.file = "a.jpg";
        run.sheets().add(list);
        run.sheets().freeze();
        run.sheets().setColumns({"student", "score"});
    }
};

Reading reading(const std::string& student, double confidence) {
    return {.values = {student, "7"}, .flags = "q7:faint", .confidence = confidence};
}

}  // namespace

TEST_CASE("collect writes one row for each sheet, with answers if it was read") {
    Batch batch(3);
    batch.run.sheets().setCode(1, "MATH-7B/1/12", "MATH-7B");
    batch.run.sheets().setReading(1, reading("0012", 0.98765));
    batch.run.sheets().quarantine(2, "no QR code found");
    batch.run.sheets().setReading(3, reading("0013", 1));
    batch.run.sheets().discard(3);
    REQUIRE(runStage("collect", {}, batch.run).code == "done");
    CHECK(joined(batch.run.sheets().row(1)) ==
          "batch-1|1|a.jpg|1|MATH-7B/1/12|MATH-7B|read|q7:faint|0012|7|0.988|");
    CHECK(joined(batch.run.sheets().row(2)) == "batch-1|2|a.jpg|1|||quarantined|||||");
    CHECK(joined(batch.run.sheets().row(3)) == "batch-1|3|a.jpg|1|||discarded|||||");
    CHECK(batch.run.progress().events().front().message == "Collecting results");
    CHECK(batch.run.progress().lastMessage() ==
          "Collected 3 results (1 read, 1 quarantined, 1 discarded)");
}

TEST_CASE("collect names the first unread sheet") {
    Batch batch(3);
    batch.run.sheets().setReading(1, reading("1", 1));
    const StageOutcome outcome = runStage("collect", {}, batch.run);
    CHECK(outcome.code == "SHEETS_DO_NOT_ADD_UP");
    CHECK_THAT(outcome.message, Catch::StartsWith("sheet 2 (a.jpg) was never read, and 1 other;"));
}

TEST_CASE("collect requires that each entry of the archive has a sheet or is ignored") {
    for (const std::size_t entries : {2U, 3U, 4U}) {
        Batch batch(2);
        batch.run.sheets().setReading(1, reading("1", 1));
        batch.run.sheets().quarantine(2, "unreadable: the file is empty");
        batch.run.sheets().skip("notes.txt", "is not a JPEG, PNG, TIFF or WebP");
        batch.run.sheets().setEntries(entries);
        const StageOutcome outcome = runStage("collect", {}, batch.run);
        INFO(outcome.message);
        CHECK(outcome.code == (entries == 3 ? "done" : "SHEETS_DO_NOT_ADD_UP"));
    }
}

TEST_CASE("collect quarantines a stored reading that does not fit the columns") {
    Batch batch(2);
    batch.run.sheets().setReading(1, {.values = {"only one"}});
    batch.run.sheets().setReading(2, reading("1", 1));
    REQUIRE(runStage("collect", {}, batch.run).code == "done");
    CHECK(batch.run.sheets().at(1).state == SheetState::quarantined);
    CHECK(batch.run.sheets().at(1).reason == "its reading has 1 value for 2 columns");
    CHECK(batch.run.sheets().row(1)->at(6) == "quarantined");
    CHECK(batch.run.sheets().row(2)->at(6) == "read");
}

TEST_CASE("a confidence outside 0 to 1 is clamped") {
    const auto [confidence, text] = GENERATE(std::pair(std::nan(""), "0.000"),
                                             std::pair(-1.0, "0.000"), std::pair(7.0, "1.000"));
    Batch batch(1);
    batch.run.sheets().setReading(1, reading("1", confidence));
    REQUIRE(runStage("collect", {}, batch.run).code == "done");
    CHECK(batch.run.sheets().row(1)->back() == text);
}

TEST_CASE("collect continues after its checkpoint after a crash") {
    Batch batch(2500);
    for (int n = 1; n <= 2500; ++n) batch.run.sheets().setReading(n, reading("1", 1));
    batch.run.onCheckpoint([](int n) {
        if (n == 2) throw Error(ErrorClass::transient, "CRASH", "");
    });
    REQUIRE(runStage("collect", {}, batch.run).code == "CRASH");
    batch.run.crash();
    CHECK(batch.run.checkpoint() == "1 1000");
    CHECK(joined(batch.run.sheets().row(1001)) == "none");
    batch.run.onCheckpoint({});
    REQUIRE(runStage("collect", {}, batch.run).code == "done");
    for (int n = 1; n <= 2500; ++n) REQUIRE(batch.run.sheets().row(n)->at(1) == std::to_string(n));
}

TEST_CASE("scans of a page are all flagged, or the first or the last of them counts") {
    const auto [params, rows, reason] = GENERATE(
        std::tuple(ParamValues{},
                   "read q7:faint;sheet:duplicate,read q7:faint,"
                   "read q7:faint;sheet:duplicate,quarantined ,",
                   ""),
        std::tuple(ParamValues{{"duplicates", {.text = "first"}}},
                   "read q7:faint,read q7:faint,quarantined ,quarantined ,",
                   "scanned again: sheet 1 is the same page and counts (duplicates: first)"),
        std::tuple(ParamValues{{"duplicates", {.text = "last"}}},
                   "quarantined ,read q7:faint,read q7:faint,quarantined ,", ""));
    Batch batch(4);
    for (int n = 1; n <= 3; ++n) batch.run.sheets().setReading(n, reading("12", 1));
    batch.run.sheets().quarantine(4, "no QR code found");
    // Sheet 4 does not count; sheet 99 does not exist.
    std::ofstream(batch.run.batchFolder() / "scanned-twice") << "3 1\n4 1\n99 1\n";
    REQUIRE(runStage("collect", params, batch.run).code == "done");
    std::string text;
    for (int n = 1; n <= 4; ++n)
        text += batch.run.sheets().row(n)->at(6) + " " + batch.run.sheets().row(n)->at(7) + ",";
    CHECK(text == rows);
    if (*reason != '\0') CHECK(batch.run.sheets().at(3).reason == reason);
}

TEST_CASE("sheets that agree in the identity of their template and in their code are one page") {
    Batch batch(5);
    const auto read = [&](int sheet, const std::string& qr, const std::string& identity) {
        batch.run.sheets().setCode(sheet, qr, "MATH");
        Reading one = reading("12", 1);
        one.evidence = R"({"identity":")" + identity + R"(","turns":0})";
        batch.run.sheets().setReading(sheet, one);
    };
    read(1, "MATH/1", "12");
    read(2, "MATH/2", "12");  // the second page of the same student
    read(3, "MATH/1", "");    // doubtful: never compared
    read(4, "MATH/1", "");
    read(5, "MATH/1", "12");
    REQUIRE(runStage("collect", {}, batch.run).code == "done");
    std::string text;
    for (int n = 1; n <= 5; ++n)
        if (batch.run.sheets().row(n)->at(7).ends_with("sheet:duplicate"))
            text += std::to_string(n) + " ";
    CHECK(text == "1 5 ");
}
