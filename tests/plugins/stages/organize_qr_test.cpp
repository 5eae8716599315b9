#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "organize_batch.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> manyCodes(int count) {
    std::vector<std::string> codes;
    for (int i = 0; i < count; ++i) {
        codes.push_back("MATH-7" + std::string(1, static_cast<char>('A' + i % 2)) + "/1/" +
                        std::to_string(100 + i));
    }
    return codes;
}

}  // namespace

TEST_CASE("sheets are grouped by the parts of their codes, into folders of hard links") {
    Batch batch({"MATH-7B/1/12", "", "BIO-8A/1/13", "MATH-7B/1/14"});
    REQUIRE(runStage("organize_qr", kParams, batch.run).message.empty());
    CHECK(batch.verdicts() ==
          "1 MATH-7B/1/12 MATH-7B\n2 no QR code found\n"
          "3 BIO-8A/1/13 BIO-8A\n4 MATH-7B/1/14 MATH-7B\n");
    CHECK(batch.groupFiles() ==
          std::set<std::string>{"BIO-8A/000003.jpg", "MATH-7B/000001.jpg", "MATH-7B/000004.jpg"});
    CHECK(fs::hard_link_count(batch.folder / "page1.jpg") == 2);
    const auto events = batch.run.progress().events();
    REQUIRE(events.size() >= 3);
    CHECK(events[events.size() - 2].message == "Processing chunk 1/2: QR code MATH-7B");
    CHECK(events.back().message == "Processing chunk 2/2: QR code BIO-8A");
    CHECK(events.back().kind == EventKind::step);
    CHECK(events.back().done == events.back().total);
}

TEST_CASE("blank backs of a duplex scan are discarded, counted and not reported") {
    Batch batch({"MATH-7B/1/12", "blank", "MATH-7B/1/13", "blank", ""});
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.verdicts() ==
          "1 MATH-7B/1/12 MATH-7B\n2 blank page\n3 MATH-7B/1/13 MATH-7B\n4 blank page\n"
          "5 no QR code found\n");
    CHECK(batch.run.sheets().count(SheetState::discarded) == 2);
    CHECK(batch.run.sheets().count(SheetState::quarantined) == 1);
    CHECK(batch.reportText().find("page2") == std::string::npos);
    const auto events = batch.run.progress().events();
    CHECK(std::ranges::any_of(events, [](const auto& event) {
        return event.message == "Discarded 2 of 5 pages: they are blank";
    }));
    // A restart reads only what has no result yet.
    batch.run.processed = 0;
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.run.processed == 0);
    CHECK(batch.run.sheets().count(SheetState::discarded) == 2);
}

TEST_CASE("blank pages are sheets like any other with blank_pages: sheet") {
    Batch batch({"MATH-7B/1/12", "blank"});
    ParamValues params = kParams;
    params["blank_pages"] = {.text = "sheet"};
    REQUIRE(runStage("organize_qr", params, batch.run).code == "done");
    CHECK(batch.verdicts() == "1 MATH-7B/1/12 MATH-7B\n2 no QR code found\n");
    CHECK(batch.run.sheets().at(2).state == SheetState::quarantined);
}

TEST_CASE("a batch of blank pages alone is an error that names the remedy") {
    Batch batch({"blank", "blank"});
    const auto outcome = runStage("organize_qr", kParams, batch.run);
    CHECK(outcome.code == "ALL_PAGES_BLANK");
    CHECK(outcome.message ==
          "all 2 pages are blank; scan the printed side, or set blank_pages: sheet");
}

TEST_CASE("the region of the codes is learned, stored, and used for every verdict") {
    Batch batch(manyCodes(8));
    std::string codes_at_checkpoint = "none yet";
    batch.run.onCheckpoint([&](int) { codes_at_checkpoint = batch.run.sheets().at(1).qr; });
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(codes_at_checkpoint.empty());
    REQUIRE(batch.run.regions.size() == 2);
    CHECK(batch.run.regions[0] == "none");
    CHECK(batch.run.regions[1].starts_with("0.69"));
    CHECK(batch.run.checkpoint() == "region " + batch.run.regions[1]);
}

TEST_CASE("a restart keeps the region and reads only what has no code yet") {
    Batch batch(manyCodes(8));
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    const std::string verdicts = batch.verdicts();
    const auto files = batch.groupFiles();
    batch.run.sheets().setCode(3, "", "");
    batch.run.regions.clear();
    batch.run.processed = 0;
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.run.processed == 1);
    CHECK(batch.run.regions == std::vector<std::string>{batch.run.checkpoint()->substr(7)});
    CHECK(batch.verdicts() == verdicts);
    CHECK(batch.groupFiles() == files);
}

TEST_CASE("a sheet that overruns its time is quarantined at once and never read twice") {
    Batch batch(manyCodes(8));
    batch.run.too_slow = 3;
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.run.sheets().at(3).reason == "took longer");
    CHECK(batch.run.processed == 8 + 7);  // to learn the region, then all except that one
}

TEST_CASE("a foreign code is reported as such after a restart, and when a person entered it") {
    Batch batch({"MATH-7B/1/12", "HTTPS://EXAMPLE.ORG", ""});
    batch.run.sheets().setCode(3, "nonsense", "");
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    const std::string report = batch.reportText();
    CHECK(report.find("foreign,2,") != std::string::npos);
    CHECK(report.find("foreign,3,") != std::string::npos);
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.reportText() == report);
}

TEST_CASE("a typed-in code gets its group, and an impossible one is rejected") {
    Batch batch({"", "", "MATH-7B/1/14"});
    batch.run.sheets().setCode(1, "BIO-8A/1/99", "");
    batch.run.sheets().setCode(2, "nonsense", "");
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.verdicts() ==
          "1 BIO-8A/1/99 BIO-8A\n2 the QR code 'nonsense' does not fit the pattern\n"
          "3 MATH-7B/1/14 MATH-7B\n");
}

TEST_CASE("the report names duplicates, foreign codes, unreadable sheets and missing pages") {
    Batch batch({"MATH-7B/1/12", "MATH-7B/2/12", "MATH-7B/1/13", "MATH-7B/2/13", "MATH-7B/1/14",
                 "HTTPS://EXAMPLE.ORG", "", "MATH-7B/1/12"});
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.reportText() ==
          "problem,sheet,file,page,code,details\n"
          "foreign,6,page6.jpg,1,,the QR code 'HTTPS://EXAMPLE.ORG' does not fit the pattern\n"
          "unreadable,7,page7.jpg,1,,no QR code found\n"
          "duplicate,8,page8.jpg,1,MATH-7B/1/12,the same page as sheet 1\n"
          "missing,,,,,page 2 of student 14 in group MATH-7B\n");
}

TEST_CASE("sheets with the same code of a group are no duplicates") {
    Batch batch({"MATH-7B/1/12", "MATH-7B/1/12", "MATH-7B/1/12"});
    ParamValues params = kParams;
    params["pattern"].text = "(?<exam>[A-Z]+)-(?<class>[0-9A-Z]+)/.*";
    REQUIRE(runStage("organize_qr", params, batch.run).code == "done");
    CHECK(batch.reportText() == "problem,sheet,file,page,code,details\n");
    // Nor is the list of an earlier run left behind.
    std::ofstream(batch.run.batchFolder() / "scanned-twice") << "2 1\n";
    REQUIRE(runStage("organize_qr", params, batch.run).code == "done");
    CHECK_FALSE(std::filesystem::exists(batch.run.batchFolder() / "scanned-twice"));
}

TEST_CASE("a page that was scanned twice is a duplicate, whatever else its code says") {
    Batch batch({"MATH-7B/1/12", "MATH-8C/1/12", "BIO-7B/1/12"});
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK_THAT(batch.reportText(),
               Catch::Contains("duplicate,2,page2.jpg,1,MATH-8C/1/12,the same page as sheet 1"));
    CHECK_THAT(batch.reportText(), !Catch::Contains("duplicate,3"));
    std::ifstream in(batch.run.batchFolder() / "scanned-twice");
    const std::string scans((std::istreambuf_iterator<char>(in)), {});
    CHECK(scans == "2 1\n");
}

TEST_CASE("a foreign code next to a good one is reported, also after a crash") {
    Batch batch({"MATH-7B/1/12", "MATH-7B/1/13"});
    CodePage page;
    page.add(450, 60, "HTTPS://EXAMPLE.ORG").add(60, 600, "MATH-7B/1/14");
    const auto jpeg = sheets::encodeJpeg(page.image(), 80);
    batch.folder.write("page2.jpg", {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
    const std::string expected =
        "problem,sheet,file,page,code,details\n"
        "foreign,2,page2.jpg,1,HTTPS://EXAMPLE.ORG,beside the sheet's own code\n";
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.verdicts() == "1 MATH-7B/1/12 MATH-7B\n2 MATH-7B/1/14 MATH-7B\n");
    CHECK(batch.reportText() == expected);
    // A later run reads no sheet again, but still has the codes.
    batch.run.processed = 0;
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.run.processed == 0);
    CHECK(batch.reportText() == expected);
    // Notes that a crash cut off belong to a sheet that has no code yet.
    std::ofstream(batch.run.batchFolder() / "foreign-codes.tmp", std::ios::app) << "1 [\"HTT";
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.reportText() == expected);
}

TEST_CASE(
    "the next owner of a batch has the other codes and the scans that its predecessors found") {
    Batch batch({"MATH-7B/1/12", "MATH-7B/1/13", "MATH-8C/1/12"});
    CodePage page;
    page.add(450, 60, "HTTPS://EXAMPLE.ORG").add(60, 600, "MATH-7B/1/14");
    const auto jpeg = sheets::encodeJpeg(page.image(), 80);
    batch.folder.write("page2.jpg", {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
    batch.run.setEpoch(1);
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    const std::string expected = batch.reportText();
    CHECK_THAT(expected, Catch::Contains("HTTPS://EXAMPLE.ORG"));
    // The next owner reads no sheet again.
    batch.run.setEpoch(2);
    batch.run.processed = 0;
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK(batch.run.processed == 0);
    CHECK(batch.reportText() == expected);
    CHECK(batch.folder.read("batch/epoch-2/scanned-twice") == "3 1\n");
    CHECK_FALSE(std::filesystem::exists(batch.run.batchFolder() / "scanned-twice"));
    CHECK_FALSE(std::filesystem::exists(batch.run.batchFolder() / "foreign-codes.tmp"));
}

TEST_CASE("sheets without other codes leave no file of them in the batch's folder") {
    Batch batch(manyCodes(8));
    REQUIRE(runStage("organize_qr", kParams, batch.run).code == "done");
    CHECK_FALSE(std::filesystem::exists(batch.run.batchFolder() / "foreign-codes.tmp"));
}

TEST_CASE("a template that names the code's region makes learning unnecessary") {
    Batch batch(manyCodes(8));
    batch.folder.write("sheet.yaml",
                       "sheet: small\npage: {width: 210, height: 297}\nqr: {box: [158, 20, 40]}\n"
                       "fields: [{name: q, type: choice, values: AB, origin: [20, 100], "
                       "value_step: [7, 0], radius: 2}]\n");
    ParamValues params = kParams;
    params["template"] = {.text = batch.folder / "sheet.yaml"};
    REQUIRE(runStage("organize_qr", params, batch.run).code == "done");
    CHECK(batch.run.regions == std::vector<std::string>{"0.6857,0.0202,0.3143,0.2290,0"});
    CHECK(batch.run.sheets().at(1).qr == "MATH-7A/1/100");
}

TEST_CASE("a list of expected codes shows missing and surplus sheets") {
    Batch batch({"MATH-7B/1/12", "MATH-7B/1/13"});
    batch.folder.write("expected.txt", "12\r\n\nMATH-7B/1/15\n=1+1\n");
    ParamValues params = kParams;
    params["expected"] = {.text = batch.folder / "expected.txt"};
    REQUIRE(runStage("organize_qr", params, batch.run).code == "done");
    CHECK(batch.reportText() ==
          "problem,sheet,file,page,code,details\n"
          "unexpected,2,page2.jpg,1,MATH-7B/1/13,not on the expected list\n"
          "missing,,,,'=1+1,expected\n"
          "missing,,,,MATH-7B/1/15,expected\n");
    params["expected"] = {.text = batch.folder / "nowhere.txt"};
    CHECK(runStage("organize_qr", params, batch.run).message ==
          "cannot read the expected list nowhere.txt");
}

TEST_CASE("a sheet without a code fails the batch if the pipeline asks for it") {
    Batch batch({"MATH-7B/1/12", ""});
    ParamValues params = kParams;
    params["on_unreadable"] = {.text = "fail"};
    const StageOutcome outcome = runStage("organize_qr", params, batch.run);
    CHECK(outcome.code == "SHEET_UNREADABLE");
    CHECK_THAT(outcome.message, Catch::StartsWith("page2.jpg: no QR code found; "));
}

TEST_CASE("group names are made safe for a file system and stay distinct") {
    Batch batch({"a/../b", "..", "a%2Fb", "äö"});
    const ParamValues params{{"pattern", {.text = "(?<all>.+)"}}, {"group_by", {.text = "{all}"}}};
    REQUIRE(runStage("organize_qr", params, batch.run).code == "done");
    CHECK(batch.groupFiles() == std::set<std::string>{"%2E./000002.jpg", "%C3%A4%C3%B6/000004.jpg",
                                                      "a%252Fb/000003.jpg",
                                                      "a%2F..%2Fb/000001.jpg"});
}

TEST_CASE("impossible params are rejected before the stage starts") {
    const std::map<std::string, std::pair<std::string, std::string>> cases{
        {"group_by", {"{student}", "organize_qr: group_by: a group must not contain the student"}},
        {"pattern", {"(?<exam>x", "organize_qr: pattern: the pattern is wrong at character 10"}},
        {"region", {"left", "organize_qr: region: a region is x,y,width,height"}}};
    for (const auto& [key, value] : cases) {
        INFO(key);
        ParamValues params = kParams;
        params[key] = {.text = value.first};
        CHECK_THROWS_WITH(makeStage("organize_qr", params), Catch::StartsWith(value.second));
    }
    ParamValues params = kParams;
    params["group_by"] = {.text = "{school}"};
    CHECK_THROWS_WITH(makeStage("organize_qr", params),
                      Catch::Contains("the pattern has no group 'school'"));
}

TEST_CASE("reading codes stops on request") {
    Batch batch(manyCodes(3));
    batch.run.requestStop();
    CHECK_THROWS_AS(makeStage("organize_qr", kParams)->run(batch.run), Error);
}
