#include "base/data_folder.h"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "temporary_folder.h"

namespace fs = std::filesystem;
using namespace sheafline;

namespace {

const std::string kUrl = "postgresql://ann:word-1@db.example/exams";

}  // namespace

TEST_CASE("a data folder remembers the database of its history, readable by its user alone") {
    const TemporaryFolder place;
    const DataFolder folder(place / "data");
    CHECK(folder.history().url.empty());
    folder.useHistory(kUrl);
    folder.useHistory(kUrl);
    CHECK(DataFolder(place / "data").history().url == kUrl);
    CHECK(fs::status(place / "data/history.url").permissions() == fs::perms(0600));
}

TEST_CASE("a data folder with a history is not joined to another one") {
    const TemporaryFolder place;
    const DataFolder folder(place / "data");
    folder.useHistory(kUrl);
    CHECK_THROWS_WITH(folder.useHistory("postgresql://ann@elsewhere/exams"),
                      Catch::Contains("db.example") && Catch::Contains("--data-dir") &&
                          !Catch::Contains("word-1"));
    CHECK(folder.history().url == kUrl);

    const DataFolder with_file(place / "other");
    with_file.prepare();
    place.write("other/history.db", "some bytes");
    CHECK_THROWS_WITH(with_file.useHistory(kUrl),
                      Catch::Contains("history.db") && !Catch::Contains("word-1"));
    CHECK(with_file.history().url.empty());
}

TEST_CASE("a moved history leaves its file under another name") {
    const TemporaryFolder place;
    const DataFolder folder(place / "data");
    folder.prepare();
    place.write("data/history.db", "some bytes");
    place.write("data/history.db-wal", "more");
    folder.moveHistory(kUrl);
    CHECK(folder.history().url == kUrl);
    CHECK_FALSE(fs::exists(place / "data/history.db"));
    CHECK(fs::exists(place / "data/history.db.copied"));
    CHECK(fs::exists(place / "data/history.db.copied-wal"));
    folder.useHistory(kUrl);
}
