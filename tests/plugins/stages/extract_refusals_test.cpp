// Archives with false statements or damage: they are rejected before extract writes anything.
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "extract_batch.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

namespace {

using Batch = ExtractBatch;

const std::string kJpeg = jpegLike("abc");

}  // namespace

TEST_CASE("extract rejects a false directory before it writes a byte") {
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
