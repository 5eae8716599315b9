// A history in PostgreSQL, through the whole program.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include "postgres_server.h"
#include "program.h"
#include "temporary_folder.h"

namespace fs = std::filesystem;
using namespace sheafline;
using namespace sheafline::test;

namespace {

struct HistorySite {
    TemporaryFolder folder{};
    PostgresServer server{};

    HistorySite() { REQUIRE(sheafline({"sample", "--sheets", "6", "--out", "a.zip"}).status == 0); }
    ProgramResult sheafline(std::vector<std::string> words) const {
        return runProgram(folder.path(), words);
    }
    ProgramResult run(const std::string& data, const std::string& batch,
                      std::vector<std::string> more = {}) const {
        std::vector<std::string> words{
            "run",        "omr-batch", "--input",    "a.zip",
            "--set",      "exam=math", "--batch-id", batch,
            "--data-dir", data,        "--set",      "database=sqlite:" + data + ".db"};
        words.insert(words.end(), more.begin(), more.end());
        return sheafline(words);
    }
    std::string csv(const std::string& data, const std::string& batch) const {
        const std::string shown = sheafline({"batches", "show", batch, "--data-dir", data}).out;
        const std::string before = "artifact  ";
        const std::string after = "/math.csv (";
        const std::size_t end = shown.find(after);
        if (end == std::string::npos) return "no artifact in: " + shown;
        const std::size_t begin = shown.rfind(before, end) + before.size();
        std::ifstream file(folder / shown.substr(begin, end - begin) / "math.csv");
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string listed(const std::string& data) const {
        return sheafline({"batches", "--json", "--data-dir", data}).out;
    }
};

}  // namespace

TEST_CASE("a batch with its history in PostgreSQL has the same results") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed; scripts/install.sh test installs it");
        return;
    }
    const HistorySite site;
    REQUIRE(site.run("file", "one").status == 0);
    const ProgramResult result = site.run("joined", "one", {"--history", site.server.url()});
    INFO(result.err);
    REQUIRE(result.status == 0);
    CHECK(site.csv("joined", "one") == site.csv("file", "one"));
    CHECK_FALSE(fs::exists(site.folder / "joined/history.db"));
    CHECK(site.run("joined", "two").status == 0);  // the folder remembers the database
    CHECK_THAT(site.listed("joined"), Catch::Contains("\"one\"") && Catch::Contains("\"two\""));
    CHECK(site.server.query("SELECT count(*) FROM sheafline.batches WHERE state = 'completed'") ==
          "2");
    const ProgramResult refused = site.run("file", "three", {"--history", site.server.url()});
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err, Catch::Contains("history.db") && !Catch::Contains("secret"));
    const ProgramResult backup = site.sheafline({"backup", "copy", "--data-dir", "joined"});
    CHECK(backup.status != 0);
    CHECK_THAT(backup.err, Catch::Contains("pg_dump"));
}

TEST_CASE("a results file in the batch's folder is rejected when the history is in PostgreSQL") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed; scripts/install.sh test installs it");
        return;
    }
    const HistorySite site;
    const auto check = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"validate", "omr-batch", "--environment", "--input",
                                       "a.zip",    "--set",     "exam=math"};
        words.insert(words.end(), more.begin(), more.end());
        return site.sheafline(words);
    };
    CHECK(check({}).status == 0);
    const std::vector<std::string> shared{"--history", site.server.url()};
    const ProgramResult rejected = check(shared);
    CHECK(rejected.status == 2);
    CHECK_THAT(rejected.out, Catch::Contains("SINK_ON_STORE") && Catch::Contains("results.db") &&
                                 Catch::Contains("postgresql://USER@HOST/DATABASE"));
    const std::string target = "database=" + site.server.url();
    CHECK(check({shared[0], shared[1], "--set", target}).status == 0);
    // Neighbors: a name that is a link into the store, and the work folder of this server.
    fs::create_directories(site.folder / "sheafline-data/batches");
    fs::create_directory_symlink(site.folder / "sheafline-data/batches", site.folder / "link");
    for (const char* file : {"link/x.db", "sheafline-data/work/x.db"}) {
        const std::string database = std::string("database=sqlite:") + file;
        CHECK(check({shared[0], shared[1], "--set", database}).status == 2);
    }
    CHECK(check({shared[0], shared[1], "--set", "database=sqlite:outside.db"}).status == 0);
}

TEST_CASE("history copy moves a data folder into an empty database once") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed; scripts/install.sh test installs it");
        return;
    }
    const HistorySite site;
    REQUIRE(site.run("data", "one").status == 0);
    REQUIRE(site.run("other", "one").status == 0);
    const std::string before = site.listed("data");
    const ProgramResult copied = site.sheafline({"history", "copy", "data", site.server.url()});
    INFO(copied.err);
    REQUIRE(copied.status == 0);
    CHECK_THAT(copied.out, Catch::Contains("copied 1 batch") && !Catch::Contains("secret"));
    CHECK(site.listed("data") == before);
    CHECK(site.run("data", "two").status == 0);
    const ProgramResult again = site.sheafline({"history", "copy", "other", site.server.url()});
    CHECK(again.status != 0);
    CHECK_THAT(again.err, Catch::Contains("one, two") && Catch::Contains("empty database"));
    CHECK(fs::exists(site.folder / "other/history.db"));
    CHECK_FALSE(fs::exists(site.folder / "other/history.url"));
}

TEST_CASE("a database belongs to one store, and another one is rejected with both places") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed; scripts/install.sh test installs it");
        return;
    }
    const HistorySite site;
    const std::string url = site.server.url();
    const std::string shared = (site.folder / "shared").string();
    const ProgramResult first = site.run("a", "one", {"--history", url, "--store", shared});
    INFO(first.err);
    REQUIRE(first.status == 0);
    CHECK(fs::exists(site.folder / "shared/batches/one/epoch-1/artifacts/math.csv"));
    CHECK(fs::exists(site.folder / "shared/store.id"));
    CHECK(fs::is_empty(site.folder / "a/batches"));

    const ProgramResult second = site.run("b", "two", {"--history", url, "--store", shared});
    INFO(second.err);
    CHECK(second.status == 0);
    CHECK(fs::exists(site.folder / "shared/batches/two/epoch-1/artifacts/math.csv"));
    CHECK_THAT(site.listed("b"), Catch::Contains("\"one\""));

    const std::string other = (site.folder / "other").string();
    const ProgramResult refused = site.run("c", "three", {"--history", url, "--store", other});
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err,
               Catch::Contains("belongs to the store " + shared + ", not to " + other) &&
                   Catch::Contains("store.id") && !Catch::Contains("secret"));
    const ProgramResult without = site.run("d", "three", {"--history", url});
    CHECK(without.status != 0);
    CHECK_THAT(without.err, Catch::Contains("name the store with --store"));

    fs::rename(shared, site.folder / "elsewhere");
    fs::create_directory(shared);  // a mount point without its file system
    const ProgramResult unmounted = site.run("a", "three");
    CHECK(unmounted.status != 0);
    CHECK_THAT(unmounted.err, Catch::Contains("mount the file system"));
    CHECK(fs::is_empty(shared));
    fs::remove(shared);
    fs::copy(site.folder / "elsewhere", site.folder / "moved", fs::copy_options::recursive);
    const ProgramResult moved =
        site.run("e", "three", {"--history", url, "--store", (site.folder / "moved").string()});
    CHECK(moved.status != 0);
    CHECK_THAT(moved.err, Catch::Contains("mount it at the same path"));
}

TEST_CASE("a store without a history in PostgreSQL is refused") {
    const TemporaryFolder folder;
    const ProgramResult refused = runProgram(
        folder.path(), {"batches", "--data-dir", "data", "--store", (folder / "shared").string()});
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err, Catch::Contains("--store: requires a history in PostgreSQL"));
    CHECK_FALSE(fs::exists(folder / "shared"));
}
