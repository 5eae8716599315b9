// Archives as tools write them, and those that contradict themselves.
#include <cstdlib>

#include <catch2/catch.hpp>

#include "extract_batch.h"

using namespace sheafline;
using namespace sheafline::test;
using namespace std::string_literals;

namespace {

const std::string kJpeg = jpegLike("abc");

constexpr std::uint8_t kUnix = 3;

}  // namespace

TEST_CASE("bytes outside of entries do not make an archive invalid") {
    const std::vector<ForgedEntry> one{jpeg("a.jpg")};
    const std::string whole = zipOf(one);
    struct Case {
        const char* what;
        std::string bytes;
    };
    // A self-extractor contains the signatures of the format.
    const std::string stub =
        "MZ" + std::string(3000, '\x90') + "PK\3\4PK\1\2PK\5\6" + std::string(400, '\0') + "PK\3\4";
    const auto c = GENERATE_REF(values<Case>({
        {"a newline after the end", whole + "\n"},
        {"padding after the end", whole + std::string(60'000, '\0')},
        {"a comment", ForgedZip{.entries = one, .comment = "scanned on a Monday"}.bytes()},
        {"a comment and a newline",
         ForgedZip{.entries = one, .after = "\r\n", .comment = "x"}.bytes()},
        {"a gap before the directory",
         ForgedZip{.entries = one, .between = std::string(512, '\0')}.bytes()},
        {"a gap after the directory",
         ForgedZip{.entries = one, .behind = std::string(100, '\0')}.bytes()},
        {"a signature in the directory",
         ForgedZip{.entries = one, .behind = "PK\5\5\4\0sign"s, .directory_size = 46 + 5 + 10}
             .bytes()},
        {"a gap between entries",
         zipOf({jpeg("z.jpg"), {.name = "a.jpg", .content = kJpeg, .gap = "padding"}})},
        {"a prefix that offsets count", ForgedZip{.entries = one, .before = stub}.bytes()},
        {"a prefix that offsets do not count", stub + whole},
        {"a prefix before ZIP64",
         stub + ForgedZip{.entries = {{.name = "a.jpg", .content = kJpeg, .zip64 = true}},
                          .zip64_end = true}
                    .bytes()},
        {"the mark of a spanned archive in one part",
         ForgedZip{.entries = one, .before = "PK00"}.bytes()},
        {"a descriptor without its mark", zipOf({{.name = "a.jpg",
                                                  .content = "",
                                                  .descriptor = true,
                                                  .crc32 = 0,
                                                  .after = std::string(12, '\0')},
                                                 jpeg("b.jpg")})},
        {"a flag of a descriptor that is missing", zipOf({{.name = "a.jpg",
                                                           .content = kJpeg,
                                                           .descriptor = true,
                                                           .late = false,
                                                           .after = ""}})},
        {"sizes in front of the data and after it",
         zipOf({{.name = "a.jpg", .content = kJpeg, .descriptor = true, .late = false}})},
        {"an extra field that is padded",
         zipOf({{.name = "a.jpg", .content = kJpeg, .local_extra = std::string(3, '\0')}})},
    }));
    INFO(c.what);
    ExtractBatch batch(c.bytes);
    CHECK(batch.extract() == "done");
    CHECK(batch.message == "");
    CHECK(namesOf(batch).ends_with(".jpg|"));
}

TEST_CASE("an archive that contradicts itself is rejected before a byte is written") {
    const std::vector<ForgedEntry> one{jpeg("a.jpg")};
    const std::string whole = zipOf(one);
    const std::string other = zipOf({jpeg("other.jpg")});
    const std::string same_length = zipOf({jpeg("b.jpg")});
    ForgedEntry overrun = jpeg("a.jpg");
    overrun.extra =
        "UT\xA0\x0F"
        "ab";
    ForgedEntry local_overrun = jpeg("a.jpg");
    local_overrun.local_extra =
        "UT\xA0\x0F"
        "ab";
    ForgedEntry rest = jpeg("a.jpg");
    rest.extra = "xyz";
    ForgedEntry twice = jpeg("a.jpg");
    twice.extra = unicodePath("a.jpg", "b.jpg") + unicodePath("a.jpg", "c.jpg");
    struct Case {
        const char* what;
        std::string bytes;
        const char* code;
    };
    const auto c = GENERATE_REF(values<Case>({
        {"an entry on another disk", zipOf({{.name = "a.jpg", .content = kJpeg, .disk = 7}}),
         "ARCHIVE_SPLIT"},
        {"a disk number that is missing",
         zipOf({{.name = "a.jpg", .content = kJpeg, .disk = 0xFFFF}}), "ARCHIVE_ZIP64"},
        {"the last disk of several", ForgedZip{.entries = one, .disk = 2}.bytes(), "ARCHIVE_SPLIT"},
        {"entries on other disks", ForgedZip{.entries = one, .here = std::uint16_t{0}}.bytes(),
         "ARCHIVE_SPLIT"},
        {"patched data", zipOf({{.name = "a.jpg", .content = kJpeg, .flags = 1U << 5U}}),
         "ARCHIVE_PATCHED"},
        {"an overrunning extra field", zipOf({overrun}), "ARCHIVE_EXTRA"},
        {"an overrunning extra field in the local header", zipOf({local_overrun}), "ARCHIVE_EXTRA"},
        {"a rest of an extra field", zipOf({rest}), "ARCHIVE_EXTRA"},
        {"two Unicode paths", zipOf({twice}), "ARCHIVE_EXTRA"},
        {"another archive in front", other + whole, "ARCHIVE_GAP"},
        {"another archive behind", whole + other.substr(0, other.size() - 22), "ARCHIVE_GAP"},
        {"an entry that is not listed",
         ForgedZip{.entries = one, .between = other.substr(0, 60)}.bytes(), "ARCHIVE_GAP"},
        {"an old directory",
         ForgedZip{.entries = one, .between = other.substr(other.size() - 77)}.bytes(),
         "ARCHIVE_GAP"},
        {"two directories",
         ForgedZip{.entries = one, .behind = same_length.substr(same_length.size() - 22 - 51, 51)}
             .bytes(),
         "ARCHIVE_DIRECTORY"},
        {"a count modulo 65536 with ZIP64",
         ForgedZip{.entries = one, .zip64_end = true, .count = 65537}.bytes(), "ARCHIVE_DIRECTORY"},
    }));
    INFO(c.what);
    ExtractBatch batch(c.bytes);
    CHECK(batch.extract() == c.code);
    CHECK(batch.written().empty());
    CHECK_THAT(batch.message, Catch::StartsWith("scans.zip is rejected: ") ||
                                  Catch::StartsWith("scans.zip is one part of a split archive"));
}

TEST_CASE("a method that is not read is named with the remedy") {
    struct Case {
        std::uint16_t method;
        const char* name;
    };
    const auto c = GENERATE(Case{1, "Shrink"}, Case{6, "Implode"}, Case{9, "Deflate64"},
                            Case{12, "bzip2"}, Case{14, "LZMA"}, Case{93, "Zstandard"},
                            Case{95, "XZ"}, Case{98, "PPMd"}, Case{77, "method 77"});
    ExtractBatch batch(zipOf({{.name = "a.jpg", .content = kJpeg, .method = c.method}}));
    CHECK(batch.extract() == "ARCHIVE_METHOD");
    CHECK(batch.message == "scans.zip is rejected: its entry 'a.jpg' is packed with "s + c.name +
                               "; pack it with Deflate");
}

TEST_CASE("links and devices in an archive are listed with the reason") {
    ExtractBatch batch(
        zipOf({jpeg("a.jpg", kUnix),
               {.name = "link.jpg", .content = kJpeg, .host = kUnix, .external = 0120777U << 16U},
               {.name = "link", .content = kJpeg, .host = kUnix, .external = 0120777U << 16U},
               {.name = "null", .host = kUnix, .external = 0020666U << 16U}}));
    REQUIRE(batch.extract() == "done");
    CHECK(namesOf(batch) == "a.jpg|link.jpg|");
    CHECK(batch.run.sheets().at(2).reason ==
          "unreadable: the entry is a symbolic link; pack the file that it points to");
    const auto ignored = batch.run.sheets().content().skipped;
    REQUIRE(ignored.size() == 2);
    CHECK(ignored[0] == std::pair("link"s, "is a symbolic link; pack the file that it points to"s));
    CHECK(ignored[1] == std::pair("null"s, "is a device or a pipe"s));
}

TEST_CASE("archives of common tools are read") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "scans/Prüfung 答案");
    folder.write("scans/Prüfung 答案/größe 1.jpg", jpegLike(std::string(70'000, 'q')));
    folder.write("scans/b.jpg", kJpeg);
    folder.write("scans/empty.txt", "");
    std::filesystem::create_symlink("b.jpg", folder / "scans/link.jpg");
    const std::string zipfile = "python3 -c 'import zipfile,sys; ";
    const std::string command = GENERATE_COPY(values<std::string>({
        "zip -qr ../a.zip .",
        "zip -qry ../a.zip .",
        "zip -qr0 ../a.zip .",
        "zip -qr -fz ../a.zip .",
        "zip -qr - . > ../a.zip",
        "zip -qr ../a.zip . && zip -qd ../a.zip empty.txt",
        "zip -qr ../a.zip . && echo remark | zip -qz ../a.zip",
        "zip -qr ../b.zip . && cat /bin/true ../b.zip > ../a.zip",
        "zip -qr ../b.zip . && cat /bin/true ../b.zip > ../a.zip && zip -qA ../a.zip",
        "7zz a -bso0 -bd ../a.zip .",
        "7zz a -bso0 -bd -mx0 ../a.zip .",
        "7zz a -bso0 -bd -mcu=on ../a.zip .",
        "7zz a -bso0 -bd -mcl=on ../a.zip .",
        "7zz a -bso0 -bd ../a.zip b.jpg && 7zz a -bso0 -bd ../a.zip Pr*",
        "bsdtar -cf ../a.zip --format zip *",
        "bsdtar -cf - --format zip * | cat > ../a.zip",
        "bsdtar -cf ../a.zip --format zip --options zip:compression=store *",
        "bsdtar -cf ../a.zip --format zip --options zip:zip64 *",
        zipfile +
            R"(z=zipfile.ZipFile("../a.zip","w",zipfile.ZIP_DEFLATED); )"
            R"([z.write(f) for f in __import__("glob").glob("**",recursive=True)]; z.close()')",
        zipfile +
            R"(z=zipfile.ZipFile(sys.stdout.buffer,"w"); )"
            R"([z.write(f) for f in __import__("glob").glob("**",recursive=True)]; z.close()')"
            " | cat > ../a.zip",
        zipfile + R"(z=zipfile.ZipFile("../a.zip","w"); f=z.open("b.jpg","w",force_zip64=True); )"
                  R"(f.write(open("b.jpg","rb").read()); f.close(); )"
                  R"(z.write("Prüfung 答案/größe 1.jpg"); z.close()')",
        zipfile +
            R"(z=zipfile.ZipFile("../a.zip","w"); z.write("b.jpg"); z.close(); )"
            R"(z=zipfile.ZipFile("../a.zip","a"); z.write("Prüfung 答案/größe 1.jpg"); z.close()')",
    }));
    INFO(command);
    REQUIRE(std::system(
                ("export LC_ALL=C.UTF-8; cd '" + (folder / "scans").string() + "' && " + command)
                    .c_str()) == 0);
    ExtractBatch batch(folder.read("a.zip"));
    CHECK(batch.extract() == "done");
    CHECK(batch.message == "");
    const std::string names = namesOf(batch);
    INFO(names);
    CHECK(names.find("Prüfung 答案/größe 1.jpg|") != std::string::npos);
    CHECK(names.find("b.jpg|") != std::string::npos);
}

TEST_CASE("an encrypted or foreign entry beside readable ones is a quarantined sheet") {
    const TemporaryFolder folder;
    for (const char* name : {"a.jpg", "b.jpg", "c.jpg"})
        folder.write(name, jpegLike(std::string(3000, name[0])));
    folder.write("notes.txt", std::string(5000, 'n'));
    const std::string commands = GENERATE(
        as<std::string>(),
        "zip -q a.zip a.jpg && zip -q -P secret a.zip b.jpg notes.txt && zip -q a.zip c.jpg",
        "7zz a -bso0 -bd a.zip a.jpg && 7zz a -bso0 -bd -psecret -mem=AES256 a.zip b.jpg notes.txt "
        "&& 7zz a -bso0 -bd a.zip c.jpg",
        "zip -q a.zip a.jpg && 7zz a -bso0 -bd -mm=BZip2 a.zip b.jpg notes.txt && zip -q a.zip "
        "c.jpg");
    INFO(commands);
    REQUIRE(std::system(("cd '" + folder.path().string() + "' && " + commands).c_str()) == 0);
    ExtractBatch batch(folder.read("a.zip"));
    REQUIRE(batch.extract() == "done");
    REQUIRE(batch.run.sheets().size() == 3);
    const auto sheet_of = [&](const std::string& file) {
        for (int n = 1; n <= 3; ++n)
            if (batch.run.sheets().at(n).file == file) return batch.run.sheets().at(n);
        return Sheet{};
    };
    CHECK(sheet_of("a.jpg").state == SheetState::waiting);
    CHECK(sheet_of("c.jpg").state == SheetState::waiting);
    CHECK(sheet_of("b.jpg").state == SheetState::quarantined);
    CHECK_THAT(sheet_of("b.jpg").reason,
               Catch::StartsWith("unreadable: the entry is ") && Catch::Contains("; pack it with"));
    CHECK(readFile(sheet_of("b.jpg").path).empty());
    const auto ignored = batch.run.sheets().content().skipped;
    REQUIRE(ignored.size() == 1);
    CHECK(ignored.front().first == "notes.txt");
    CHECK_THAT(ignored.front().second, Catch::Contains("; pack it with"));
    // A second run and a retry find the same.
    batch.run.sheets().letWait(sheet_of("b.jpg").number);
    REQUIRE(batch.extract() == "done");
    CHECK(sheet_of("b.jpg").state == SheetState::quarantined);
}

TEST_CASE("unsupported archives of common tools are rejected with the remedy") {
    const TemporaryFolder folder;
    folder.write("b.jpg", jpegLike(std::string(300'000, 'q')));
    struct Case {
        std::string command;
        const char* code;
    };
    const auto c = GENERATE(values<Case>({
        {"zip -q -P secret a.zip b.jpg", "ARCHIVE_ENCRYPTED"},
        {"7zz a -bso0 -bd -psecret -mem=AES256 a.zip b.jpg", "ARCHIVE_ENCRYPTED"},
        {"7zz a -bso0 -bd -mm=Deflate64 a.zip b.jpg", "ARCHIVE_METHOD"},
        {"7zz a -bso0 -bd -mm=BZip2 a.zip b.jpg", "ARCHIVE_METHOD"},
        {"7zz a -bso0 -bd -mm=LZMA a.zip b.jpg", "ARCHIVE_METHOD"},
        {"zip -q -0 -s 64k a.zip b.jpg", "ARCHIVE_SPLIT"},
        {"7zz a -bso0 -bd -t7z a.zip b.jpg", "ARCHIVE_NOT_ZIP"},
    }));
    INFO(c.command);
    REQUIRE(std::system(("cd '" + folder.path().string() + "' && " + c.command).c_str()) == 0);
    ExtractBatch batch(folder.read("a.zip"));
    CHECK(batch.extract() == c.code);
    CHECK(batch.written().empty());
    CHECK(batch.message.find(';') != std::string::npos);
}
