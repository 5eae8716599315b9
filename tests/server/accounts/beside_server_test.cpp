// `sheafline user …` and other readers beside a running server: both use the same databases.
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// Whether process `pid` holds a POSIX lock on the file, as every open SQLite connection in WAL mode
// does. The kernel drops such locks when the process closes any descriptor of the file.
bool holdsLock(int pid, const std::filesystem::path& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words(line);
        std::string number;
        std::string kind;
        std::string advice;
        std::string access;
        std::string id;
        int holder = 0;
        words >> number >> kind >> advice >> access >> holder >> id;
        if (kind == "POSIX" && holder == pid && id.ends_with(":" + std::to_string(status.st_ino)))
            return true;
    }
    return false;
}

int userCommand(const Site& site, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "user");
    return runProgram(site.folder.path(), arguments).status;
}

}  // namespace

TEST_CASE("a user disabled beside a running server cannot sign in, after any number of commands") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers ann = server.addUser("ann", admin);
    REQUIRE(userCommand(site, {"list"}) == 0);
    REQUIRE(userCommand(site, {"role", "ann", "--role", "viewer"}) == 0);
    REQUIRE(userCommand(site, {"disable", "ann"}) == 0);
    CHECK(server.client().get("/api/batches", ann).status == 401);
    CHECK(server.login("ann", kPassword).status == 401);
    REQUIRE(userCommand(site, {"enable", "ann"}) == 0);
    CHECK(server.login("ann", kPassword).status == 200);
    REQUIRE(userCommand(site, {"remove", "ann"}) == 0);
    CHECK(server.login("ann", kPassword).status == 401);

    // The opposite case: the commands see the changes of the server.
    server.addUser("bob", server.signInAdmin());
    CHECK(userCommand(site, {"disable", "bob"}) == 0);
    server.program().signal(15);
    CHECK(server.program().wait().status == 0);
    CHECK_THAT(runProgram(site.folder.path(), {"user", "list"}).out,
               Catch::Contains("bob    operator  disabled"));
}

TEST_CASE("a server keeps the locks of all its databases, whatever it reads and serves") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", with(admin, {{"Idempotency-Key", "k1"}}));
    server.stream(id, admin);
    CHECK(server.client().get(at(id, "/artifacts/out.csv"), admin).status == 200);
    CHECK(server.client().get(at(id, "/results"), admin).status == 200);
    REQUIRE(userCommand(site, {"list"}) == 0);
    REQUIRE(runProgram(site.folder.path(), {"batches", "list"}).status == 0);
    for (const char* name : {"history.db", "accounts.db", "idempotency.db"}) {
        INFO(name);
        const auto file = site.folder / "sheafline-data" / name;
        CHECK(holdsLock(server.program().pid(), file));
        CHECK(std::filesystem::exists(file.string() + "-wal"));
    }
}
