// `watch`, next to the process that runs the batch, and over HTTP through restarts and lost
// connections.
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>

#include <catch2/catch.hpp>

#include "cutting_proxy.h"
#include "program.h"
#include "running_server.h"
#include "temporary_folder.h"
#include "terminal.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string eventsOf(const Site& site, const std::string& batch) {
    return runProgram(site.folder.path(), {"batches", "events", batch}).out;
}

std::string tokenOf(const Headers& who) {
    return who.at("Authorization").substr(std::string("Bearer ").size());
}

std::map<std::string, std::string> asTokenOf(const Headers& who) {
    return {{"SHEAFLINE_TOKEN", tokenOf(who)}};
}

}  // namespace

TEST_CASE("watch follows a batch of the data folder from its first event to its end") {
    const Site site;
    Program run(site.folder.path(), {"run", "pipelines/waits.yaml", "--batch-id", "b", "--json"});
    REQUIRE(run.waitForOutput("waiting"));
    Program watch(site.folder.path(), {"watch", "b", "--json"});
    REQUIRE(watch.waitForOutput("waiting"));
    run.signal(SIGINT);
    CHECK(run.wait().status == 3);
    const ProgramResult seen = watch.wait();
    CHECK(seen.status == 3);
    CHECK(seen.out == eventsOf(site, "b"));
}

TEST_CASE("watch ends with the batch and says where the results are") {
    const Site site;
    struct Case {
        const char* pipeline;
        int status;
        const char* said;
    };
    for (const Case& one : {Case{"squares", 0, "Completed in"}, Case{"fails", 1, "Failed after"}}) {
        INFO(one.pipeline);
        runProgram(site.folder.path(), {"run", "pipelines/" + std::string(one.pipeline) + ".yaml",
                                        "--batch-id", one.pipeline});
        const auto seen = runProgram(site.folder.path(), {"watch", one.pipeline});
        CHECK(seen.status == one.status);
        CHECK(seen.out.find(one.said) != std::string::npos);
    }
    const auto none = runProgram(site.folder.path(), {"watch", "none"});
    CHECK(none.status == 2);
    CHECK(none.err == "there is no batch 'none'; see: sheafline batches\n");
}

TEST_CASE("watch of a batch whose owner was killed ends with interrupted") {
    const Site site;
    Program run(site.folder.path(), {"run", "pipelines/waits.yaml", "--batch-id", "b", "--json"});
    REQUIRE(run.waitForOutput("waiting"));
    Program watch(site.folder.path(), {"watch", "b"});
    REQUIRE(watch.waitForOutput("waiting"));
    run.signal(SIGKILL);
    const auto seen = watch.wait();
    CHECK(seen.status == 4);
    CHECK(seen.err.find("continue with: sheafline resume b") != std::string::npos);
}

TEST_CASE("watch draws bars on a terminal") {
    const Site site;
    runProgram(site.folder.path(), {"run", "pipelines/squares.yaml", "--batch-id", "b"});
    const TerminalSession session(site.folder.path(), {"watch", "b"}, 80, 24);
    CHECK(session.status() == 0);
    CHECK(session.screen().find("make                ################### 100.0%  made\n") == 0);
    CHECK(session.screen().find("Completed in ") != std::string::npos);
}

TEST_CASE("watch over HTTP signs in by token file, by environment and by name") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    site.folder.write("token", tokenOf(admin) + "\n");
    site.folder.write("password", server.firstPassword() + "\n");
    const auto watch = [&](std::vector<std::string> more,
                           const std::map<std::string, std::string>& environment = {}) {
        std::vector<std::string> words{"watch", id, "--json", "--server",
                                       server.client().url() + "/"};
        words.insert(words.end(), more.begin(), more.end());
        return runProgram(site.folder.path(), words, environment, site.folder / "password");
    };
    for (const auto& seen : {watch({"--token-file", "token"}), watch({}, asTokenOf(admin)),
                             watch({"--user", "admin"})}) {
        INFO(seen.err);
        CHECK(seen.status == 0);
        CHECK(seen.out == eventsOf(site, id));
    }
    const auto nobody = watch({});
    CHECK(nobody.status == 2);
    CHECK(nobody.err.find("--token-file") != std::string::npos);
    site.folder.write("password", "wrong\n");
    const auto wrong = watch({"--user", "admin"});
    CHECK(wrong.status == 2);
    CHECK(wrong.err == "user name or password is wrong\n");
    CHECK(watch({"--token-file", "none"}).err == "cannot read the token file none\n");
}

TEST_CASE("a password typed at a terminal is not shown") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    const TerminalSession session(
        site.folder.path(), {"watch", id, "--user", "admin", "--server", server.client().url()}, 80,
        24, {.question = "Password of admin: ", .answer = server.firstPassword() + "\n"});
    INFO(session.bytes());
    CHECK(session.status() == 0);
    CHECK(session.bytes().find(server.firstPassword()) == std::string::npos);
    CHECK(session.screen().find("Completed in ") != std::string::npos);
}

TEST_CASE("watch over HTTP rejects an invalid address and reports an unreachable server") {
    const TemporaryFolder folder;
    struct Case {
        const char* url;
        int status;
        const char* said;
    };
    const std::vector<Case> cases{
        {"127.0.0.1:8000", 2, "write it like http://127.0.0.1:8000"},
        {"ftp://host", 2, "write it like http://127.0.0.1:8000"},
        {"http://me:secret@host", 2, "use --user NAME"},
        {"http://127.0.0.1:1", 4, "http://127.0.0.1:1 does not answer: "},
    };
    for (const Case& one : cases) {
        const auto seen = runProgram(folder.path(), {"watch", "b", "--server", one.url});
        INFO(one.url << ": " << seen.err);
        CHECK(seen.status == one.status);
        CHECK(seen.err.find(one.said) != std::string::npos);
        CHECK(seen.err.find("secret") == std::string::npos);
    }
}

TEST_CASE("watch over HTTP sees every event once through a restart of the server") {
    const Site site;
    auto server = std::make_unique<RunningServer>(site);
    const std::string port = server->port();
    const Headers admin = server->signInAdmin();
    const std::string id = server->create("slow", admin);
    Program watch(site.folder.path(), {"watch", id, "--json", "--server", server->client().url()},
                  asTokenOf(admin));
    REQUIRE(watch.waitForOutput("processing_sheets"));
    server->program().signal(SIGTERM);
    CHECK(server->program().wait().status == 0);
    server.reset();
    server = std::make_unique<RunningServer>(site, port);
    const auto seen = watch.wait();
    INFO(seen.err);
    CHECK(seen.status == 0);
    CHECK(seen.out == eventsOf(site, id));
}

TEST_CASE("watch of a cancelled batch over HTTP ends with 3, of a failed one with 1") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string failed = server.create("fails", admin);
    CHECK(runProgram(site.folder.path(), {"watch", failed, "--server", server.client().url()},
                     asTokenOf(admin))
              .status == 1);
    const std::string id = server.create("waits", admin);
    Program watch(site.folder.path(), {"watch", id, "--server", server.client().url()},
                  asTokenOf(admin));
    REQUIRE(watch.waitForOutput("waiting"));
    CHECK(server.client().send("POST", "/api/batches/" + id + "/cancel", "", admin).status == 202);
    CHECK(watch.wait().status == 3);
}

TEST_CASE("watch over HTTP ends when the session does") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("waits", admin);
    Program watch(site.folder.path(), {"watch", id, "--server", server.client().url()},
                  asTokenOf(admin));
    REQUIRE(watch.waitForOutput("waiting"));
    CHECK(server.client().send("POST", "/api/auth/logout", "", admin).status == 204);
    const auto seen = watch.wait();
    CHECK(seen.status == 2);
    CHECK(seen.err == "the session ended; sign in again\n");
}
