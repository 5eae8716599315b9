// A class in which one sheet has no readable code.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sqlite3.h>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/encode_image.h>
#include <sheafline/sheets/read_image.h>

#include "decisions/review_site.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr int kSheet = 7;
constexpr const char* kFile = "scan-00007.jpg";

// The area in which the sheet has its code becomes white.
void eraseCode(const std::filesystem::path& file) {
    sheets::GreyImage page = sheets::readImage(sheets::readBytes(file), {});
    const double per_mm = page.width / 210.0;
    const auto pixels = [&](double mm) { return static_cast<int>(mm * per_mm); };
    for (int y = pixels(16); y < pixels(54); ++y) {
        const auto row = page.row(y).subspan(static_cast<std::size_t>(pixels(158)),
                                             static_cast<std::size_t>(pixels(42)));
        std::ranges::fill(row, std::uint8_t{240});
    }
    const auto bytes = sheets::encodeJpeg(page, 90);
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

// Lets the history count what is written while `work` runs.
void countInto(const std::filesystem::path& history) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(history.c_str(), &database) == SQLITE_OK);
    sqlite3_busy_timeout(database, 10'000);
    for (const char* sql :
         {"CREATE TABLE readings_made(number INTEGER)",
          "CREATE TRIGGER reading_made AFTER INSERT ON readings BEGIN "
          "INSERT INTO readings_made VALUES(new.number); END",
          "CREATE TABLE paths_made(number INTEGER)",
          "CREATE TRIGGER path_made AFTER UPDATE OF path ON sheets WHEN new.path <> '' BEGIN "
          "INSERT INTO paths_made VALUES(new.number); END"})
        REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
}

std::string numbersIn(const std::filesystem::path& history, const std::string& table) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open_v2(history.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) ==
            SQLITE_OK);
    std::string text;
    const auto add = [](void* out, int, char** values, char**) {
        *static_cast<std::string*>(out) += std::string(values[0]) + " ";
        return 0;
    };
    const std::string sql = "SELECT DISTINCT number FROM " + table + " ORDER BY number";
    REQUIRE(sqlite3_exec(database, sql.c_str(), add, &text, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    return text;
}

}  // namespace

TEST_CASE("a class of 30 with one sheet without a code completes, and its code is typed in") {
    const ReviewSite review(30, "clean", {}, [](const TemporaryFolder& folder) {
        const std::string in = "cd '" + folder.path().string() + "' && ";
        REQUIRE(std::system((in + "mkdir x && cd x && unzip -q ../b.zip").c_str()) == 0);
        eraseCode(folder / "x" / kFile);
        REQUIRE(std::system((in + "rm b.zip && cd x && zip -q -0 ../b.zip *.jpg").c_str()) == 0);
    });
    const auto batch = objectOf(review.server.client().get(at(review.id, ""), review.admin).body);
    CHECK(batch->getValue<std::string>("state") == "completed");
    CHECK(batch->getValue<int>("sheets_read") == 29);
    CHECK(batch->getValue<int>("sheets_quarantined") == 1);
    const auto open = review.items("/sheets?state=quarantined");
    REQUIRE(open->size() == 1);
    CHECK(open->getObject(0)->getValue<int>("sheet") == kSheet);
    CHECK(review.rows().at(kSheet).at("status") == "quarantined");

    const auto history = review.site.folder / "sheafline-data/history.db";
    countInto(history);
    for (const char* wrong : {R"({"qr":"MATH"})", R"({"qr":""})", R"({"qr":"MATH-7B/1/1\nx"})"}) {
        const Reply rejected =
            review.server.post(at(review.id, "/sheets/7/fix"), wrong, review.admin);
        INFO(rejected.body);
        CHECK(rejected.status == 422);
        CHECK_THAT(rejected.body,
                   Catch::Contains("INVALID_DECISION") && Catch::Contains(R"("pointer":"/qr")"));
    }
    const auto fix =
        runProgram(review.site.folder.path(), {"sheets", "fix", review.id, "7", "--qr", "MATH"});
    CHECK(fix.status == 2);
    CHECK_THAT(fix.err, Catch::StartsWith("the code 'MATH' does not fit the pattern"));
    const std::string code = review.truth->getObject(kFile)->getValue<std::string>("qr");
    REQUIRE(review.decide(R"([{"sheet":7,"qr":")" + code + "\"}]", review.admin).status == 201);
    CHECK(review.apply() == "complete");
    CHECK(review.rows().at(kSheet).at("status") == "read");
    CHECK(review.wrongAnswers().empty());
    // No other sheet was extracted or read.
    CHECK(numbersIn(history, "readings_made") == "7 ");
    CHECK(numbersIn(history, "paths_made") == "7 ");
}
