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

// A TIFF of so many empty pages, whose last one points at `last_next`.
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

std::vector<ForgedEntry> manyJpegs(int count) {
    std::vector<ForgedEntry> entries;
    std::mt19937 random(7);
    for (int i = 0; i < count; ++i) {
        std::string content(3000, '\0');
        for (char& c : content) c = static_cast<char>(random() % 64);
        entries.push_back({.name = "s" + std::to_string(i) + ".jpg",
                           .content = jpegLike(content),
                           .deflated = i % 2 == 0,
                           .descriptor = i % 3 == 0});
    }
    return entries;
}

const std::string kJpeg = jpegLike("abc");

}  // namespace

TEST_CASE("extract lists sheets in archive order, then page, and counts litter") {
    Batch batch(zipOf({{.name = "class a/"},
                       {.name = "class a/z.jpg", .content = kJpeg},
                       {.name = "__MACOSX/class a/._z.jpg", .content = kJpeg},
                       {.name = "class a/.DS_Store", .content = "x"},
                       {.name = "readme.jpg", .content = "only text"},
                       {.name = "b.pdf", .content = tiff(3), .deflated = true},
                       {.name = "a", .content = "\x89PNG\r\n\x1A\n..", .descriptor = true}}));
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() ==
          "1 class a/z.jpg 1 000002.jpg\n2 b.pdf 1 000006.tif\n3 b.pdf 2 000006.tif\n"
          "4 b.pdf 3 000006.tif\n5 a 1 000007.png\n");
    CHECK(batch.extracted() == "000002.jpg 000006.tif 000007.png ");
    CHECK(readFile(batch.run.folder() / "000002.jpg") == kJpeg);
    CHECK(batch.run.sheets().content().skipped.size() == 3);
    CHECK(batch.run.sheets().content().frozen);
    const auto events = batch.run.progress().events();
    CHECK_THAT(events.front().message, Catch::StartsWith("Extracting ZIP"));
    CHECK(events.back().message == "Extracted 3 files from ZIP (3 skipped)");
    CHECK(events.back().done == events.back().total);
}

TEST_CASE("extract takes the kinds of images that it is asked for, and names the others") {
    const auto zip = zipOf({{.name = "a.jpg", .content = kJpeg},
                            {.name = "b.tif", .content = tiff(2)},
                            {.name = "c", .content = "\x89PNG\r\n\x1A\n.."}});
    Batch all(zip);
    REQUIRE(all.extract() == "done");
    CHECK(all.run.sheets().size() == 4);
    Batch some(zip);
    some.params["kinds"] = {.list = {"jpeg", "png"}, .is_list = true};
    REQUIRE(some.extract() == "done");
    CHECK(some.sheets() == "1 a.jpg 1 000001.jpg\n2 c 1 000003.png\n");
    REQUIRE(some.run.sheets().content().skipped.size() == 1);
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
    // "schüler.jpg" stands twice too, once it is decoded.
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

TEST_CASE("extract refuses a false directory before it writes a byte") {
    const std::vector<ForgedEntry> one{{.name = "a.jpg", .content = kJpeg}};
    const std::vector<ForgedEntry> two{{.name = "a.jpg", .content = kJpeg},
                                       {.name = "b.jpg", .content = kJpeg}};
    const std::string whole = zipOf(one);
    const auto named = [](const std::string& name) {
        return zipOf({{.name = name, .content = kJpeg}});
    };
    const std::string zeros(4U << 20U, '\0');
    struct Case {
        const char* what;
        std::string bytes;
        const char* code;
    };
    const std::vector<Case> cases{
        {"empty", "", "ARCHIVE_EMPTY"},
        {"text", "no archive at all, but some text", "ARCHIVE_NOT_ZIP"},
        {"short text", "x", "ARCHIVE_NOT_ZIP"},
        {"cut in the end", whole.substr(0, whole.size() - 5), "ARCHIVE_TRUNCATED"},
        {"cut in the middle", whole.substr(0, 40), "ARCHIVE_TRUNCATED"},
        {"cut at the front", whole.substr(9), "ARCHIVE_DIRECTORY"},
        {"comment cut off",
         ForgedZip{.entries = one, .comment = "1234"}.bytes().substr(0, whole.size() + 2),
         "ARCHIVE_TRUNCATED"},
        {"fewer than said", ForgedZip{.entries = one, .count = 2}.bytes(), "ARCHIVE_DIRECTORY"},
        {"more than said", ForgedZip{.entries = two, .count = 1}.bytes(), "ARCHIVE_DIRECTORY"},
        {"directory outside", ForgedZip{.entries = one, .directory_offset = 1U << 30U}.bytes(),
         "ARCHIVE_DIRECTORY"},
        {"directory too long", ForgedZip{.entries = one, .directory_size = 1U << 30U}.bytes(),
         "ARCHIVE_DIRECTORY"},
        {"ZIP64 end outside",
         ForgedZip{.entries = one, .zip64_end = true, .zip64_end_offset = ~0ULL}.bytes(),
         "ARCHIVE_ZIP64"},
        {"ZIP64 end elsewhere",
         ForgedZip{.entries = one, .zip64_end = true, .zip64_end_offset = 0}.bytes(),
         "ARCHIVE_ZIP64"},
        {"ZIP64 directory outside",
         ForgedZip{.entries = one, .zip64_end = true, .directory_offset = ~0ULL - 3}.bytes(),
         "ARCHIVE_DIRECTORY"},
        {"ZIP64 count", ForgedZip{.entries = one, .zip64_end = true, .count = 1ULL << 60U}.bytes(),
         "ARCHIVE_TOO_MANY"},
        {"ZIP64 size lies",
         zipOf({{.name = "a.jpg", .content = kJpeg, .zip64 = true, .packed_size = ~0ULL}}),
         "ARCHIVE_SIZE"},
        {"ZIP64 sizes missing", zipOf({{.name = "a.jpg", .content = kJpeg, .size = 0xFFFFFFFF}}),
         "ARCHIVE_ZIP64"},
        {"same bytes twice",
         zipOf({{.name = "a.jpg", .content = kJpeg},
                {.name = "a.jpg", .content = kJpeg, .local_offset = 0}}),
         "ARCHIVE_OVERLAP"},
        {"one inside another",
         zipOf({{.name = "a.jpg",
                 .content = kJpeg,
                 .size = kJpeg.size() + 42,
                 .packed_size = kJpeg.size() + 42},
                {.name = "b.jpg", .content = kJpeg}}),
         "ARCHIVE_OVERLAP"},
        {"entry outside", zipOf({{.name = "a.jpg", .content = kJpeg, .local_offset = 1U << 30U}}),
         "ARCHIVE_SIZE"},
        {"size larger than the file",
         zipOf({{.name = "a.jpg", .content = kJpeg, .size = 1U << 20U, .packed_size = 1U << 20U}}),
         "ARCHIVE_SIZE"},
        {"stored with two sizes", zipOf({{.name = "a.jpg", .content = kJpeg, .size = 99}}),
         "ARCHIVE_SIZE"},
        {"other size in front", zipOf({{.name = "a.jpg", .content = kJpeg, .local_size = 3}}),
         "ARCHIVE_LOCAL_HEADER"},
        {"other name in front", zipOf({{.name = "a.jpg", .content = kJpeg, .local_name = "b.jpg"}}),
         "ARCHIVE_LOCAL_HEADER"},
        {"wrong descriptor",
         zipOf({{.name = "a.jpg",
                 .content = kJpeg,
                 .descriptor = true,
                 .after = "PK\x07\x08" + std::string(12, 'z')}}),
         "ARCHIVE_DESCRIPTOR"},
        {"no descriptor",
         zipOf({{.name = "a.jpg", .content = kJpeg, .descriptor = true, .after = ""}}),
         "ARCHIVE_DESCRIPTOR"},
        {"encrypted", zipOf({{.name = "a.jpg", .content = kJpeg, .flags = 1}}),
         "ARCHIVE_ENCRYPTED"},
        {"AES", zipOf({{.name = "a.jpg", .content = kJpeg, .flags = 1, .method = 99}}),
         "ARCHIVE_ENCRYPTED"},
        {"bzip2", zipOf({{.name = "a.jpg", .content = kJpeg, .method = 12}}), "ARCHIVE_METHOD"},
        {"traversing", named("../../etc/a.jpg"), "ARCHIVE_NAME"},
        {"traversing inside", named("a/../../b.jpg"), "ARCHIVE_NAME"},
        {"ends in a parent", named("a/.."), "ARCHIVE_NAME"},
        {"absolute", named("/etc/a.jpg"), "ARCHIVE_NAME"},
        {"drive", named("C:/a.jpg"), "ARCHIVE_NAME"},
        {"backslash", named("..\\a.jpg"), "ARCHIVE_NAME"},
        {"NUL", named("a\0.jpg"s), "ARCHIVE_NAME"},
        {"no name", named(""), "ARCHIVE_NAME"},
        {"folder with bytes", named("a/"), "ARCHIVE_SIZE"},
        {"bomb", zipOf({{.name = "a.jpg", .content = zeros, .deflated = true}}), "ARCHIVE_RATIO"},
        {"large", zipOf({{.name = "a.jpg", .content = std::string(9000, 'x')}}),
         "ARCHIVE_ENTRY_TOO_LARGE"},
        {"many bytes",
         zipOf({{.name = "a.jpg", .content = std::string(7000, 'x')},
                {.name = "b.jpg", .content = std::string(7000, 'x')}}),
         "ARCHIVE_TOO_LARGE"},
        {"many entries", zipOf(std::vector<ForgedEntry>(51, {.name = "a/"})), "ARCHIVE_TOO_MANY"},
        {"RAR", "Rar!\x1A\7 and so on, and so on", "ARCHIVE_NOT_ZIP"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.what) {
            Batch batch(c.bytes);
            batch.params["max_entries"] = {.text = "50"};
            batch.params["max_bytes"] = {.text = "12000"};
            batch.params["max_entry_bytes"] = {.text = "8000"};
            CHECK(batch.extract() == c.code);
            CHECK(batch.written().empty());
            CHECK(batch.run.sheets().size() == 0);
            CHECK_THAT(batch.message, Catch::StartsWith("scans.zip "));
            CHECK(batch.message.find('\n') == std::string::npos);
        }
    }
}

TEST_CASE("extract leaves nothing of an archive with one false entry") {
    const std::string content = jpegLike(std::string(2000, 'x'));
    const std::string packed = deflated(content);
    struct Case {
        const char* what;
        ForgedEntry last;
    };
    const std::vector<Case> cases{
        {"wrong checksum", {.name = "z.jpg", .content = content, .deflated = true, .crc32 = 1}},
        {"wrong checksum, stored", {.name = "z.jpg", .content = content, .crc32 = 1}},
        {"larger than it says",
         {.name = "z.jpg", .content = content, .deflated = true, .size = content.size() - 1}},
        {"smaller than it says",
         {.name = "z.jpg", .content = content, .deflated = true, .size = content.size() + 1}},
        {"bytes after its end",
         {.name = "z.jpg", .content = content, .method = 8, .packed = packed + "rest"}},
        {"ends too early",
         {.name = "z.jpg", .content = content, .method = 8, .packed = packed.substr(0, 9)}},
        {"not deflate", {.name = "z.jpg", .content = content, .method = 8, .packed = "\xFF\xFF"}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.what) {
            std::vector<ForgedEntry> entries = manyJpegs(40);
            entries.push_back(c.last);
            Batch batch(zipOf(entries));
            CHECK(batch.extract() == "ARCHIVE_ENTRY");
            CHECK_THAT(batch.message, Catch::Contains("'z.jpg'"));
            CHECK(batch.extracted().empty());
            CHECK(batch.run.sheets().size() == 0);
        }
    }
}

TEST_CASE("an archive without a sheet is an error") {
    const std::string bytes = GENERATE(zipOf({}), zipOf({{.name = "a.txt", .content = "text"}}));
    Batch batch(bytes);
    CHECK(batch.extract() == "NO_SHEETS");
    CHECK(batch.extracted().empty());
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
    batch.run.sheets().setPath(4, {});  // as cleanup leaves it

    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() == sheets);
    CHECK(readFile(batch.run.folder() / "000001.jpg") == lost);
    CHECK(fs::file_size(batch.run.folder() / "000002.jpg") == 3004);
    CHECK(readFile(batch.run.folder() / "000005.jpg") != changed);
    CHECK(fs::last_write_time(batch.run.folder() / "000003.jpg") == untouched);
}

TEST_CASE("a file that is missing, a folder or a pipe is refused with one line") {
    Batch batch("");
    fs::remove(batch.archive);
    CHECK(batch.extract() == "NOT_FOUND");
    fs::create_directory(batch.archive);
    CHECK(batch.extract() == "ARCHIVE_NOT_ZIP");
    fs::remove(batch.archive);
    REQUIRE(::mkfifo(batch.archive.c_str(), 0600) == 0);
    CHECK(batch.extract() == "ARCHIVE_NOT_ZIP");
}

TEST_CASE("extract stops when it is asked to") {
    Batch batch(zipOf(manyJpegs(30)));
    batch.run.requestStop();
    CHECK(batch.extract() == "CANCELLED");
    CHECK(batch.run.sheets().size() == 0);
}

TEST_CASE("pages of a broken TIFF are those before the break") {
    struct Case {
        std::string bytes;
        std::size_t pages;
    };
    const auto c = GENERATE(Case{tiff(2, 8), 2},                // back to its first page
                            Case{tiff(3, 1U << 30U), 3},        // beyond the file
                            Case{"II*\0\xFF\xFF\xFF\xFF"s, 1},  // no page at all
                            Case{"MM\0*"s, 1});
    Batch batch(zipOf({{.name = "a.tif", .content = c.bytes}}));
    CHECK(batch.extract() == "done");
    CHECK(batch.run.sheets().size() == c.pages);
}

TEST_CASE("no change of a byte makes extract crash or write what was not checked") {
    const std::string whole = ForgedZip{.entries = manyJpegs(4), .zip64_end = true}.bytes();
    std::mt19937 random(20231107);
    int refused = 0;
    for (int i = 0; i < 1500; ++i) {
        std::string bytes = whole;
        // Most changes go to the headers at the end, where they do harm.
        const std::size_t from = i % 3 == 0 ? 0 : bytes.size() - 400;
        for (auto n = 1 + random() % 3; n > 0; --n) {
            bytes[from + random() % (bytes.size() - from)] = static_cast<char>(random());
        }
        Batch batch(bytes);
        if (batch.extract() != "done") {
            ++refused;
            REQUIRE(batch.extracted().empty());
        }
    }
    CHECK(refused > 1000);
}
