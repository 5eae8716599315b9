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

TEST_CASE("a data folder remembers its store and keeps the lock and the work for itself") {
    const TemporaryFolder place;
    DataFolder folder(place / "data");
    CHECK(folder.batch("b") == place / "data/batches/b");
    folder.useStore(place / "shared/");
    const DataFolder again(place / "data");
    CHECK(again.store() == place / "shared");
    CHECK(again.batch("b") == place / "shared/batches/b");
    CHECK(again.artifacts("b", 0) == place / "shared/batches/b/artifacts");
    CHECK(again.uploads() == place / "shared/uploads");
    CHECK(again.work("b") == place / "data/work/b");
    CHECK(again.lockFile() == place / "data/owner.lock");
    CHECK(fs::exists(place / "shared"));
}

TEST_CASE("a data folder with another store or with files of batches rejects a store") {
    const TemporaryFolder place;
    DataFolder folder(place / "data");
    folder.useStore(place / "shared");
    folder.useStore(place / "shared");
    CHECK_THROWS_WITH(folder.useStore(place / "other"),
                      Catch::Contains((place / "shared").string()) &&
                          Catch::Contains((place / "other").string()));
    CHECK_FALSE(fs::exists(place / "other"));

    DataFolder full(place / "full");
    full.prepare();
    fs::create_directories(full.batch("b"));
    place.write("full/batches/b/archive.zip", "some bytes");
    CHECK_THROWS_WITH(full.useStore(place / "shared"), Catch::Contains("full/batches has files"));
    CHECK(DataFolder(place / "full").store() == place / "full");
}

TEST_CASE("a store that is not mounted is an error, and is not made again") {
    const TemporaryFolder place;
    DataFolder folder(place / "data");
    folder.useStore(place / "shared");
    fs::remove(place / "shared");
    CHECK_THROWS_WITH(folder.prepare(), Catch::Contains("shared cannot be used: No such file") &&
                                            Catch::Contains("mount"));
    CHECK_FALSE(fs::exists(place / "shared"));
}
