// Names of entries, as computers all over the world write them.
#include <iconv.h>
#include <random>

#include <catch2/catch.hpp>

#include "extract_batch.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr std::uint8_t kUnix = 3;
constexpr std::uint8_t kNtfs = 10;

std::string in(const char* encoding, std::string text) {
    const iconv_t descriptor = ::iconv_open(encoding, "UTF-8");
    std::string bytes(text.size() * 4, '\0');
    char* from = text.data();
    char* to = bytes.data();
    std::size_t from_left = text.size();
    std::size_t to_left = bytes.size();
    REQUIRE(::iconv(descriptor, &from, &from_left, &to, &to_left) == 0);
    ::iconv_close(descriptor);
    bytes.resize(bytes.size() - to_left);
    return bytes;
}

}  // namespace

TEST_CASE("names in the encodings of the world's computers are shown as they were written") {
    struct Case {
        const char* encoding;
        std::vector<std::string> names;
    };
    const auto c = GENERATE(values<Case>({
        {"CP932", {"答案表.png", "ソース.png"}},
        {"CP932", {"答案表.png"}},
        {"CP932", {"試験0001.jpg", "試験0002.jpg"}},
        {"CP932", {"一年一組/数学_001.jpg", "一年一組/数学_002.jpg"}},
        {"CP932", {"ﾃｽﾄ1.jpg"}},
        {"GB18030", {"考试/答题卡_001.jpg", "考试/答题卡_002.jpg"}},
        {"GB18030", {"扫描件.jpg"}},
        {"BIG5", {"答案卡/第一頁.jpg", "答案卡/第二頁.jpg"}},
        {"UHC", {"시험/답안지001.jpg", "시험/답안지002.jpg"}},
        {"UHC", {"답안.jpg"}},
        {"IBM866", {"Экзамен/лист_001.jpg", "Экзамен/лист_002.jpg"}},
        {"CP1251", {"Экзамен/лист_001.jpg", "Экзамен/лист_002.jpg"}},
        {"IBM437", {"schüler.jpg"}},
        {"IBM850", {"Prüfung/Schüler Jörg Müller.jpg", "Prüfung/Schülerin Käthe Groß.jpg"}},
        {"CP1252", {"Prüfung/Schüler Jörg Müller.jpg", "Prüfung/Schülerin Käthe Groß.jpg"}},
        {"IBM850", {"élève_001.jpg", "élève_002.jpg"}},
        {"CP1253", {"εξετάσεις.jpg"}},
        {"CP1255", {"בחינה.jpg"}},
        {"TIS-620", {"ข้อสอบ.jpg", "กระดาษคำตอบ.jpg"}},
        {"UTF-8", {"Prüfung/答案.jpg", "Экзамен.jpg"}},  // the Finder sets no flag
    }));
    INFO(c.encoding << ' ' << c.names[0]);
    std::vector<ForgedEntry> entries;
    std::string expected;
    for (const std::string& name : c.names) {
        entries.push_back(jpeg(in(c.encoding, name)));
        expected += name + "|";
    }
    ExtractBatch batch(zipOf(entries));
    REQUIRE(batch.extract() == "done");
    CHECK(namesOf(batch) == expected);
}

TEST_CASE("no bytes of a name are a reason to reject an archive") {
    std::mt19937 random(42);
    for (int i = 0; i < 200; ++i) {
        std::vector<ForgedEntry> entries;
        for (int n = 0; n < 3; ++n) {
            std::string name = "x";
            for (auto length = 1 + random() % 30; length > 0; --length) {
                name += static_cast<char>(0x80 + random() % 0x80);
            }
            entries.push_back(jpeg(name));
            entries.back().flags = random() % 2 == 0 ? 1U << 11U : 0;
        }
        ExtractBatch batch(zipOf(entries));
        REQUIRE(batch.extract() == "done");
        REQUIRE(batch.run.sheets().size() == 3);
    }
}

TEST_CASE("the flag and the Unicode path say what a name is") {
    ForgedEntry flagged = jpeg("Prüfung.jpg");
    flagged.flags = 1U << 11U;
    ForgedEntry path = jpeg("?????.jpg");
    path.extra = path.local_extra = unicodePath(path.name, "答案 01.jpg");
    // An old tool renamed the entry but kept the field with the old name.
    ForgedEntry stale = jpeg("new.jpg");
    stale.extra = unicodePath("old.jpg", "alt.jpg");
    ForgedEntry wrong_flag = jpeg("sch\x81ler.jpg");
    wrong_flag.flags = 1U << 11U;
    ExtractBatch batch(zipOf({flagged, path, stale, wrong_flag, jpeg(std::string(5000, 'a'))}));
    REQUIRE(batch.extract() == "done");
    CHECK(namesOf(batch) ==
          "Prüfung.jpg|答案 01.jpg|new.jpg|schüler.jpg|" + std::string(5000, 'a') + "|");
}

TEST_CASE("a backslash separates folders in archives of DOS and Windows only") {
    ExtractBatch batch(zipOf({jpeg("scans\\0001.png"),
                              jpeg("scans\\0002.png", kNtfs),
                              jpeg("scans\\0003.png", kUnix),
                              jpeg("2:3.png", kUnix),
                              {.name = "scans\\"}}));
    REQUIRE(batch.extract() == "done");
    CHECK(namesOf(batch) == "scans/0001.png|scans/0002.png|scans\\0003.png|2:3.png|");
}

TEST_CASE("a name that leaves its folder is rejected, however it is written") {
    ForgedEntry path = jpeg("a.jpg");
    path.extra = unicodePath("a.jpg", "../a.jpg");
    const auto entry = GENERATE_REF(
        jpeg("..\\a.jpg"), jpeg("a\\..\\..\\b.jpg", kNtfs), jpeg("\\\\server\\share\\a.jpg"),
        jpeg("\\a.jpg"), jpeg("c:a.jpg"), jpeg("C:\\a.jpg", kUnix), jpeg("../a.jpg", kUnix), path);
    ExtractBatch batch(zipOf({entry}));
    CHECK(batch.extract() == "ARCHIVE_NAME");
    CHECK(batch.written().empty());
}
