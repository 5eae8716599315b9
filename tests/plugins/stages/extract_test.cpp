#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <sys/stat.h>

#include <Poco/Zip/Compress.h>
#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "extract_batch.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

namespace {

using Batch = ExtractBatch;

// A TIFF of a number of empty pages, whose last one points at `last_next`.
std::string tiff(int pages, std::uint32_t last_next = 0) {
    std::string bytes = "II*\0\x08\0\0\0"s;
    for (int page = 1; page <= pages; ++page) {
        const auto here = static_cast<std::uint32_t>(bytes.size());
        const std::uint32_t next = page == pages ? last_next : here + 18;
        bytes += "\x01\0"s + std::string(12, '\1');
        for (unsigned i = 0; i < 4; ++i) bytes += static_cast<char>(next >> (8 * i));
    }
    return bytes;
}

const std::string kJpeg = jpegLike("abc");

}  // namespace

TEST_CASE("extract lists sheets in archive order, then page, and counts what it ignores") {
    Batch batch(zipOf({{.name = "class a/"},
                       {.name = "class a/z.jpg", .content = kJpeg},
                       {.name = "__MACOSX/class a/._z.jpg", .content = kJpeg},
                       {.name = "class a/.DS_Store", .content = "x"},
                       {.name = "readme.jpg", .content = "only text"},
                       {.name = "b.pdf", .content = tiff(3), .deflated = true},
                       {.name = "a", .content = "\x89PNG\r\n\x1A\n..", .descriptor = true}}));
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() ==
          "1 class a/z.jpg 1 000002.jpg\n2 readme.jpg 1 000005\n3 b.pdf 1 000006.tif\n"
          "4 b.pdf 2 000006.tif\n5 b.pdf 3 000006.tif\n6 a 1 000007.png\n");
    CHECK(batch.extracted() == "000002.jpg 000005 000006.tif 000007.png ");
    CHECK(readFile(batch.run.folder() / "000002.jpg") == kJpeg);
    CHECK(batch.run.sheets().content().skipped.size() == 3);
    CHECK(batch.run.sheets().content().frozen);
    const auto events = batch.run.progress().events();
    CHECK_THAT(events.front().message, Catch::StartsWith("Extracting ZIP"));
    CHECK(events.back().message == "Extracted 3 files from ZIP (1 unreadable, 3 ignored)");
    CHECK(events.back().done == events.back().total);
}

TEST_CASE("every entry of an archive has a sheet or is ignored, with the reason") {
    struct Case {
        std::string name;
        std::string content;
        std::string outcome;  // the state, and a part of the reason
    };
    const std::string heic =
        "\0\0\0\x18"
        "ftypheic"s +
        std::string(20, 'x');
    const std::vector<Case> cases{
        {"good.jpg", kJpeg, "waiting"},
        {"short.jpg", std::string(38, 'x'), "quarantined named like a JPEG, but its bytes"},
        {"SCAN.PNG", "", "quarantined the file is empty"},
        {"a.b.Tiff", "text", "quarantined named like a TIFF"},
        {"photo.HEIC", heic, "quarantined the file is a HEIC"},
        {"photo", heic, "quarantined the file is a HEIC; save its pages as JPEG"},
        {"class.pdf", "%PDF-1.7 ...", "quarantined the PDF is cut off; send the whole file"},
        {"renamed.jpg", "%PDF-1.7 ...", "quarantined the PDF is cut off"},
        {"empty.pdf", "", "quarantined the file is empty"},
        {"anim", "GIF89a....", "quarantined the file is a GIF"},
        {"old.bmp", "BM" + std::string(30, '\0'), "quarantined the file is a BMP"},
        {"text", "BMW and other cars have four wheels", "ignored is not a JPEG"},
        {"notes.txt", "rescan page 3", "ignored is not a JPEG"},
        {"empty", "", "ignored is not a JPEG"},
        {"jpg", "", "ignored is not a JPEG"},
        {"x.jpg/", "", "ignored is a folder"},
        {"x.jpg/notes", "a", "ignored is not a JPEG"},
        {"__MACOSX/._a.jpg", kJpeg, "ignored is macOS metadata"},
        {"scans/__MACOSX/b.jpg", kJpeg, "ignored is macOS metadata"},
        {"scans/._good.jpg", kJpeg, "ignored is macOS metadata"},
        {"scans/thumbs.DB", "x", "ignored is a note"},
        {"last.png", "\x89PNG\r\n\x1A\n..", "waiting"}};
    std::vector<ForgedEntry> entries;
    for (const Case& c : cases) entries.push_back({.name = c.name, .content = c.content});
    Batch batch(zipOf(entries));
    REQUIRE(batch.extract() == "done");
    auto ignored = batch.run.sheets().content().skipped;
    std::size_t next_ignored = 0;
    int next_sheet = 0;
    for (const Case& c : cases) {  // both lists are in the order of the archive
        INFO(c.name);
        const std::size_t space = c.outcome.find(' ');
        const std::string state = c.outcome.substr(0, space);
        const std::string reason = space == std::string::npos ? "" : c.outcome.substr(space + 1);
        if (state == "ignored") {
            REQUIRE(next_ignored < ignored.size());
            CHECK(ignored[next_ignored].first == c.name);
            CHECK_THAT(ignored[next_ignored++].second, Catch::StartsWith(reason));
        } else {
            const Sheet sheet = batch.run.sheets().at(++next_sheet);
            CHECK(sheet.file == c.name);
            CHECK(toString(sheet.state) == state);
            CHECK_THAT(sheet.reason, Catch::Contains(reason));
        }
    }
    const EntryCounts counts = batch.run.sheets().entries();
    CHECK(counts.total == cases.size());
    CHECK(counts.ignored == next_ignored);
    CHECK(batch.run.sheets().size() == static_cast<std::size_t>(next_sheet));
    CHECK(batch.run.progress().lastMessage() ==
          "Extracted 2 files from ZIP (10 unreadable, 10 ignored)");
    // A retry lets quarantined sheets wait; what cannot be read is quarantined again.
    batch.run.sheets().letWait(2);
    const auto before = batch.run.sheets().content().skipped;
    REQUIRE(batch.extract() == "done");
    CHECK(batch.run.sheets().at(2).state == SheetState::quarantined);
    CHECK(batch.run.sheets().content().skipped == before);
}

TEST_CASE("entries that were listed before a crash are not listed twice") {
    Batch batch(zipOf({{.name = "a.txt"}, {.name = "b.jpg", .content = kJpeg}, {.name = "c.txt"}}));
    batch.run.sheets().skip("a.txt", "is not a JPEG, PNG, TIFF or WebP");
    batch.run.sheets().flush();
    REQUIRE(batch.extract() == "done");
    const auto ignored = batch.run.sheets().content().skipped;
    REQUIRE(ignored.size() == 2);
    CHECK(ignored[1].first == "c.txt");
}

TEST_CASE("a batch of an earlier version keeps the numbers of its sheets") {
    Batch batch(zipOf({{.name = "a.jpg", .content = "text"}, {.name = "b.jpg", .content = kJpeg}}));
    batch.run.sheets().add({{.file = "b.jpg"}});  // without a.jpg, which was skipped
    batch.run.sheets().skip("a.jpg", "is not a JPEG, PNG, TIFF or WebP");
    batch.run.sheets().freeze();
    INFO(batch.message);
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() == "1 b.jpg 1 000002.jpg\n");
    CHECK(batch.run.sheets().content().skipped.size() == 1);
}

TEST_CASE("a broken image of a kind that is left out is ignored") {
    Batch batch(zipOf({{.name = "a.jpg", .content = kJpeg}, {.name = "b.png", .content = "text"}}));
    batch.params["kinds"] = {.list = {"jpeg"}, .is_list = true};
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() == "1 a.jpg 1 000001.jpg\n");
    CHECK(batch.run.sheets().content().skipped.front().second ==
          "is of a kind that the option kinds leaves out");
}

TEST_CASE("extract takes the kinds of images that it is asked for, and names the others") {
    const auto zip = zipOf({{.name = "a.jpg", .content = kJpeg},
                            {.name = "b.tif", .content = tiff(2)},
                            {.name = "c", .content = "\x89PNG\r\n\x1A\n.."},
                            {.name = "d", .content = "RIFF\x04..\x01WEBPVP8 "}});
    Batch all(zip);
    REQUIRE(all.extract() == "done");
    CHECK(all.run.sheets().size() == 5);
    CHECK(all.extracted().ends_with("000004.webp "));
    Batch some(zip);
    some.params["kinds"] = {.list = {"jpeg", "png"}, .is_list = true};
    REQUIRE(some.extract() == "done");
    CHECK(some.sheets() == "1 a.jpg 1 000001.jpg\n2 c 1 000003.png\n");
    REQUIRE(some.run.sheets().content().skipped.size() == 2);
    CHECK(some.run.sheets().content().skipped.front().second ==
          "is of a kind that the option kinds leaves out");
}

TEST_CASE("extract reads what Poco writes") {
    std::ostringstream bytes;
    Poco::Zip::Compress zip(bytes, false);
    for (int i = 0; i < 20; ++i) {
        std::istringstream content(jpegLike(std::string(5000, static_cast<char>('a' + i))));
        zip.addFile(content, Poco::DateTime(), Poco::Path("deep/folder/" + std::to_string(i)),
                    i % 2 == 0 ? Poco::Zip::ZipCommon::CM_STORE : Poco::Zip::ZipCommon::CM_DEFLATE);
    }
    zip.close();
    Batch batch(bytes.str());
    CHECK(batch.extract() == "done");
    CHECK(batch.run.sheets().size() == 20);
}

TEST_CASE("extract keeps names that are honest, whatever their encoding") {
    Batch batch(zipOf({{.name = "schüler.jpg", .content = kJpeg},
                       {.name = "sch\x81ler.jpg", .content = kJpeg},
                       {.name = "same.jpg", .content = kJpeg},
                       {.name = "same.jpg", .content = jpegLike("other")}}));
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() ==
          "1 schüler.jpg 1 000001.jpg\n2 schüler.jpg 1 000002.jpg\n3 same.jpg 1 000003.jpg\n"
          "4 same.jpg 1 000004.jpg\n");
    // After decoding, "schüler.jpg" also appears twice.
    CHECK_THAT(batch.run.log().text(), Catch::Contains("has 2 entries with the name"));
}

TEST_CASE("extract reads an archive on another file system than the batch's folder") {
    const TemporaryFolder shm("/dev/shm");
    Batch batch("");
    shm.write("scans.zip", zipOf(manyJpegs(20)));
    batch.params["archive"] = {.text = (shm / "scans.zip").string()};
    REQUIRE(batch.extract() == "done");
    CHECK(batch.run.sheets().size() == 20);
    CHECK(readFile(batch.run.batchFolder() / "archive.zip") == shm.read("scans.zip"));
}

TEST_CASE("extract takes ZIP64 archives and archive comments") {
    Batch batch(ForgedZip{.entries = {{.name = "a.jpg", .content = kJpeg, .zip64 = true}},
                          .comment = "scanned on a Monday",
                          .zip64_end = true}
                    .bytes());
    CHECK(batch.extract() == "done");
}

TEST_CASE("an archive without a sheet is an error, and its entries are listed once") {
    const std::string bytes =
        GENERATE(zipOf({}), zipOf({{.name = "a.txt", .content = "text"}, {.name = "b/"}}));
    Batch batch(bytes);
    CHECK(batch.extract() == "NO_SHEETS");
    CHECK(batch.extracted().empty());
    const auto ignored = batch.run.sheets().content().skipped;
    CHECK(batch.run.sheets().entries().total == ignored.size());
    CHECK((ignored.empty() || ignored.front() == std::pair<std::string, std::string>(
                                                     "a.txt", "is not a JPEG, PNG, TIFF or WebP")));
    CHECK(batch.extract() == "NO_SHEETS");
    CHECK(batch.run.sheets().content().skipped.size() == ignored.size());
}

TEST_CASE("extract run again restores what is missing and lists nothing twice") {
    Batch batch(zipOf(manyJpegs(30)));
    REQUIRE(batch.extract() == "done");
    const std::string sheets = batch.sheets();
    const auto untouched = fs::last_write_time(batch.run.folder() / "000003.jpg");
    const std::string lost = readFile(batch.run.folder() / "000001.jpg");
    fs::remove(batch.run.folder() / "000001.jpg");
    writeFile(batch.run.folder() / "000002.jpg", "");
    std::string changed = readFile(batch.run.folder() / "000005.jpg");
    changed.back() ^= 1;
    writeFile(batch.run.folder() / "000005.jpg", changed);
    fs::remove(batch.archive);          // the batch has its copy
    batch.run.sheets().setPath(4, {});  // as after cleanup

    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() == sheets);
    CHECK(readFile(batch.run.folder() / "000001.jpg") == lost);
    CHECK(fs::file_size(batch.run.folder() / "000002.jpg") == 3004);
    CHECK(readFile(batch.run.folder() / "000005.jpg") != changed);
    CHECK(fs::last_write_time(batch.run.folder() / "000003.jpg") == untouched);
}

TEST_CASE("a missing file, a folder or a pipe is rejected with one line") {
    Batch batch("");
    fs::remove(batch.archive);
    CHECK(batch.extract() == "NOT_FOUND");
    fs::create_directory(batch.archive);
    CHECK(batch.extract() == "ARCHIVE_NOT_ZIP");
    fs::remove(batch.archive);
    REQUIRE(::mkfifo(batch.archive.c_str(), 0600) == 0);
    CHECK(batch.extract() == "ARCHIVE_NOT_ZIP");
}

TEST_CASE("extract stops on request") {
    Batch batch(zipOf(manyJpegs(30)));
    batch.run.requestStop();
    CHECK(batch.extract() == "CANCELLED");
    CHECK(batch.run.sheets().size() == 0);
}

TEST_CASE("a broken TIFF has the pages before the break") {
    struct Case {
        std::string bytes;
        std::size_t pages;
    };
    const auto c = GENERATE(Case{tiff(2, 8), 2},                // points back to its first page
                            Case{tiff(3, 1U << 30U), 3},        // points beyond the file
                            Case{"II*\0\xFF\xFF\xFF\xFF"s, 1},  // not a page
                            Case{"MM\0*"s, 1});
    Batch batch(zipOf({{.name = "a.tif", .content = c.bytes}}));
    CHECK(batch.extract() == "done");
    CHECK(batch.run.sheets().size() == c.pages);
}

TEST_CASE("an archive with more pages than max_pages is rejected, whatever its number of files") {
    struct Case {
        std::string pages;  // of each file, separated by spaces
        const char* max_pages;
        const char* result;
    };
    const auto c =
        GENERATE(Case{"20000", nullptr, "done"}, Case{"20001", nullptr, "ARCHIVE_TOO_MANY"},
                 Case{"60000", nullptr, "ARCHIVE_TOO_MANY"},
                 Case{"15000 15000", nullptr, "ARCHIVE_TOO_MANY"}, Case{"3 4", "7", "done"},
                 Case{"3 4", "6", "ARCHIVE_TOO_MANY"}, Case{"1 1 1", "1", "done"});
    INFO(c.pages);
    std::vector<ForgedEntry> entries;
    std::istringstream files(c.pages);
    for (int pages = 0; files >> pages;)
        entries.push_back({.name = "scan" + std::to_string(entries.size()) + ".tif",
                           .content = tiff(pages),
                           .deflated = pages > 100});
    Batch batch(zipOf(entries));
    batch.params["max_ratio"] = {.text = "2000"};
    if (c.max_pages != nullptr) batch.params["max_pages"] = {.text = c.max_pages};
    CHECK(batch.extract() == c.result);
    if (batch.message.empty()) return;
    CHECK(batch.run.sheets().size() == 0);
    CHECK_THAT(batch.message, Catch::Contains("allows (reached at scan") &&
                                  Catch::Contains("raise max_pages in the pipeline"));
}

TEST_CASE("no changed byte makes extract crash or write unchecked data") {
    const std::string whole = ForgedZip{.entries = manyJpegs(4), .zip64_end = true}.bytes();
    std::mt19937 random(20231107);
    int rejected = 0;
    for (int i = 0; i < 1500; ++i) {
        std::string bytes = whole;
        // Most changes affect the headers at the end, where they cause harm.
        const std::size_t from = i % 3 == 0 ? 0 : bytes.size() - 400;
        for (auto n = 1 + random() % 3; n > 0; --n) {
            bytes[from + random() % (bytes.size() - from)] = static_cast<char>(random());
        }
        Batch batch(bytes);
        if (batch.extract() != "done") {
            ++rejected;
            REQUIRE(batch.extracted().empty());
        }
    }
    CHECK(rejected > 1000);
}
