// Files of the data folder that are damaged, of an earlier version, or of a later one, and the
// messages of the program about them.
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr int kDataFolderUnusable = 78;

struct DataFolderFixture {
    Site site{};
    std::filesystem::path data{site.folder / "sheafline-data"};

    DataFolderFixture() { site.folder.write("one.yaml", kOne); }

    ProgramResult sheafline(const std::vector<std::string>& arguments) const {
        return runProgram(site.folder.path(), arguments);
    }
    ProgramResult serve() const { return sheafline({"serve", "--listen", "127.0.0.1:0"}); }
    ProgramResult run(const std::string& id, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"run", "one.yaml", "--batch-id", id};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return sheafline(arguments);
    }
    void startAndStopServer() const {
        RunningServer server(site);
        CHECK(server.client().get("/healthz").status == 200);
        server.program().signal(15);
        REQUIRE(server.program().wait().status == 0);
    }
    // A file of version 0.1.0, as its dump in tests/data says.
    void restore(const std::string& name) const {
        std::filesystem::create_directories(data);
        const auto dump = std::filesystem::path(SHEAFLINE_SOURCE_DIR) / "tests/data/version-0.1.0" /
                          (name + ".sql");
        const std::string command =
            "sqlite3 '" + (data / (name + ".db")).string() + "' < '" + dump.string() + "'";
        REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c): the shell of SQLite
    }
    void damage(const std::string& name) const {
        std::ofstream(data / name, std::ios::binary) << std::string(9000, 'x');
        for (const char* part : {"-wal", "-shm"})
            std::filesystem::remove((data / name).string() + part);
    }
    std::string read(const std::string& name) const {
        std::ostringstream bytes;
        bytes << std::ifstream(data / name, std::ios::binary).rdbuf();
        return bytes.str();
    }

    static constexpr const char* kOne =
        "name: one\nstages:\n  - {id: make, uses: probe, with: {act: sheets, count: 1}}\n";
};

}  // namespace

TEST_CASE_METHOD(DataFolderFixture,
                 "a damaged history stays until a person sets it aside by flag") {
    REQUIRE(run("a").status == 0);
    damage("history.db");
    const std::string bytes = read("history.db");
    for (int start = 0; start < 2; ++start) {  // a supervisor restarts the program
        const ProgramResult rejected = run("b");
        CHECK(rejected.status == kDataFolderUnusable);
        CHECK_THAT(rejected.err, Catch::Contains("history.db is damaged") &&
                                     Catch::Contains("--set-aside-history"));
        CHECK(serve().status == kDataFolderUnusable);
        CHECK(read("history.db") == bytes);
    }
    const ProgramResult begun = run("b", {"--set-aside-history"});
    CHECK(begun.status == 0);
    CHECK_THAT(begun.err,
               Catch::Contains("set aside as") && Catch::Contains("history.db.corrupt-"));
    CHECK(run("c", {"--set-aside-history"}).status == 0);  // does not change an undamaged history
    const std::string list = sheafline({"batches", "list"}).out;
    CHECK_THAT(list, Catch::Contains("b") && Catch::Contains("c"));
}

TEST_CASE_METHOD(
    DataFolderFixture,
    "damaged accounts, a damaged audit trail and a damaged key are named with the remedy") {
    startAndStopServer();
    damage("accounts.db");
    for (const ProgramResult& rejected : {serve(), sheafline({"user", "list"})}) {
        CHECK(rejected.status == kDataFolderUnusable);
        CHECK_THAT(rejected.err, Catch::Contains("accounts.db is damaged") &&
                                     Catch::Contains("restore a copy of the file; or remove"));
    }
    std::ofstream(data / "accounts.db", std::ios::trunc).flush();
    CHECK(serve().status == kDataFolderUnusable);  // an empty file is not a first start
    for (const char* part : {"", "-wal", "-shm"})
        std::filesystem::remove((data / "accounts.db").string() + part);
    startAndStopServer();
    damage("audit.db");
    for (const ProgramResult& rejected : {serve(), sheafline({"user", "disable", "admin"})}) {
        CHECK(rejected.status == kDataFolderUnusable);
        CHECK_THAT(rejected.err, Catch::Contains("audit.db is damaged") &&
                                     Catch::Contains("restore a copy of the file; or move"));
    }
    for (const char* part : {"", "-wal", "-shm"})
        std::filesystem::remove((data / "audit.db").string() + part);
    std::ofstream(data / "secret.key", std::ios::trunc) << "short";
    const ProgramResult key = serve();
    CHECK(key.status == kDataFolderUnusable);
    CHECK_THAT(key.err,
               Catch::Contains("secret.key is not 32 bytes long") && Catch::Contains("remove it"));
}

TEST_CASE_METHOD(DataFolderFixture,
                 "damaged idempotency keys are replaced, with a line in the log") {
    startAndStopServer();
    damage("idempotency.db");
    startAndStopServer();
    bool aside = false;
    for (const auto& item : std::filesystem::directory_iterator(data))
        aside |= item.path().filename().string().starts_with("idempotency.db.corrupt-");
    CHECK(aside);
}

TEST_CASE_METHOD(DataFolderFixture, "a server opens the data folder of version 0.1.0") {
    for (const char* name : {"history", "accounts", "idempotency"}) restore(name);
    startAndStopServer();
    CHECK(std::filesystem::exists(data / "history.db.version-1"));
    CHECK_THAT(sheafline({"batches", "list"}).out, Catch::Contains("first"));
    CHECK_THAT(sheafline({"user", "list"}).out, Catch::Contains("admin") && Catch::Contains("ann"));
}

TEST_CASE_METHOD(DataFolderFixture, "databases of a later version are rejected with 78") {
    for (const char* name : {"history", "accounts", "idempotency"}) {
        INFO(name);
        std::filesystem::remove_all(data);
        for (const char* each : {"history", "accounts", "idempotency"}) restore(each);
        const std::string command =
            "sqlite3 '" + (data / name).string() + ".db' 'PRAGMA user_version = 99'";
        REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c): the shell of SQLite
        const ProgramResult rejected = serve();
        CHECK(rejected.status == kDataFolderUnusable);
        CHECK_THAT(rejected.err, Catch::Contains(std::string(name) + ".db has version 99") &&
                                     Catch::Contains("run the newer program"));
    }
}
