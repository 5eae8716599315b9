#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/StreamCopier.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>
#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/write_samples.h>

#include "temporary_folder.h"

using namespace sheafline::sheets;

namespace {

namespace fs = std::filesystem;
using sheafline::TemporaryFolder;

std::map<std::string, std::string> entriesOf(const fs::path& archive) {
    std::ifstream in(archive, std::ios::binary);
    const Poco::Zip::ZipArchive zip(in);
    std::map<std::string, std::string> entries;
    for (auto header = zip.headerBegin(); header != zip.headerEnd(); ++header) {
        Poco::Zip::ZipInputStream content(in, header->second);
        Poco::StreamCopier::copyToString(content, entries[header->first]);
    }
    return entries;
}

Poco::JSON::Object::Ptr truthOf(const std::string& json) {
    Poco::JSON::Parser parser;
    return parser.parse(json).extract<Poco::JSON::Object::Ptr>();
}

}  // namespace

TEST_CASE("the same options make the same sample") {
    const TemporaryFolder folder;
    SampleOptions options{.sheets = 3, .seed = 7, .dpi = 100, .bad_cases = true};
    options.out = folder / "a.zip";
    options.truth = folder / "a.json";
    writeSamples(options);
    options.out = folder / "b.zip";
    options.truth = folder / "b.json";
    writeSamples(options);
    CHECK(folder.read("a.zip") == folder.read("b.zip"));
    CHECK(folder.read("a.json") == folder.read("b.json"));
    options.seed = 8;
    writeSamples(options);
    CHECK(folder.read("a.json") != folder.read("b.json"));
}

TEST_CASE("a sample holds its good sheets and every bad case, each with its truth") {
    const TemporaryFolder folder;
    writeSamples({.sheets = 4,
                  .out = folder / "s.zip",
                  .truth = folder / "s.json",
                  .dpi = 100,
                  .bad_cases = true,
                  .exam = "BIO",
                  .classes = {"7B", "7C"}});
    const auto truth = truthOf(folder.read("s.json"));
    const auto entries = entriesOf(folder / "s.zip");
    std::multiset<std::string> cases;
    for (const auto& [name, bytes] : entries) {
        INFO(name);
        const auto sheet = truth->getObject(name);
        REQUIRE(sheet);
        cases.insert(sheet->optValue<std::string>("case", "good") + " is " +
                     sheet->getValue<std::string>("expect"));
    }
    CHECK(truth->size() == entries.size());
    CHECK(cases == std::multiset<std::string>{
                       "good is read", "good is read", "good is read", "good is read",
                       "no_qr is quarantined", "damaged_qr is quarantined",
                       "blank_page is discarded", "upside_down is read", "sideways is read",
                       "truncated is quarantined", "not_an_image is quarantined",
                       "duplicate is read", "litter is ignored"});
}

TEST_CASE("the truth of a sheet names its code and all its answers in order") {
    const TemporaryFolder folder;
    writeSamples({.sheets = 4,
                  .out = folder / "s.zip",
                  .truth = folder / "s.json",
                  .dpi = 100,
                  .exam = "BIO",
                  .classes = {"7B", "7C"}});
    const std::string text = folder.read("s.json");
    const auto truth = truthOf(folder.read("s.json"));
    const auto last = truth->getObject("scan-00004.jpg");
    const auto answers = last->getObject("answers");
    CHECK(answers->size() == 61);
    CHECK(last->getValue<std::string>("qr") ==
          "BIO-7C/1/" + answers->getValue<std::string>("student"));
    CHECK(text.find("\"q2\"") < text.find("\"q10\""));
}

TEST_CASE("a typical scan at 150 dpi is a page of A4 of the usual size") {
    const TemporaryFolder folder;
    writeSamples({.sheets = 3, .out = folder / "s.zip"});
    for (const auto& [name, bytes] : entriesOf(folder / "s.zip")) {
        INFO(name);
        CHECK(bytes.size() > 100'000);
        CHECK(bytes.size() < 300'000);
        const auto info =
            describeImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
        CHECK(info.width == 1240);
        CHECK(info.height == 1754);
        CHECK(info.dpi == 150);
    }
}

TEST_CASE("impossible sample options are rejected and leave nothing behind") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH(writeSamples({.out = folder / "s.zip", .dpi = 90}),
                      "a sample has from 100 to 300 dpi");
    CHECK_THROWS_WITH(writeSamples({.out = folder / "s.zip", .exam = "M/1"}),
                      Catch::Contains("capitals and digits"));
    CHECK_THROWS_WITH(writeSamples({.sheets = 1, .out = folder / "nowhere/s.zip"}),
                      Catch::Contains("cannot write"));
    CHECK_FALSE(fs::exists(folder / "s.zip"));
}
