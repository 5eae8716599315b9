// How a server handles faults of its disk, signals and databases, as its clients see it.
#include <signal.h>
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"
#include "shim_run.h"
#include "small_disk.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kHolds = R"(
name: holds
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 20}}
  - {id: hold, uses: probe, with: {act: wait_for_file}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 1}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv}
)";

std::string stateOf(const RunningServer& server, const std::string& id, const Headers& who) {
    return value(server.client().get(at(id, "/status"), who).body, "state");
}

}  // namespace

TEST_CASE(
    "a server whose disk becomes unwritable reports it, and continues by itself when it is "
    "writable",
    "[F10]") {
    if (!faults::kShimWorks) {
        WARN("skipped: a sanitizer stands where the shim would");
        return;
    }
    const Site site;
    site.folder.write("pipelines/holds.yaml", kHolds);
    RunningServer server(
        site, "0",
        faults::withShim(site.folder / "sheafline-data",
                         {{"SHIM_SWITCH", (site.folder / "frozen").string() + ":EROFS"}}));
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("holds", admin);
    REQUIRE(server.waitForStage(id, "probing", admin));
    REQUIRE(eventually([&] {
        return server.client().get(at(id, "/progress"), admin).body.find("waiting") !=
               std::string::npos;
    }));
    site.folder.write("frozen", "");
    site.folder.write("go", "");
    CHECK(eventually([&] { return server.client().get("/readyz").status == 503; }));
    CHECK(server.client().get("/readyz").body.find("Read-only file system") != std::string::npos);
    CHECK(server.client().get("/healthz").status == 200);
    std::filesystem::remove(site.folder / "frozen");
    CHECK(eventually([&] { return stateOf(server, id, admin) == "completed"; }));
    CHECK(eventually([&] { return server.client().get("/readyz").status == 200; }));
    const auto events = server.stream(id, admin);
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].id == std::to_string(i + 1));
    server.program().signal(SIGTERM);
    CHECK(server.program().wait().status == 0);
}

TEST_CASE(
    "a server keeps the reason of a full disk in the status, and continues the batch by itself",
    "[F9]") {
    const Site site;
    const SmallDisk disk(site.folder / "sheafline-data", "96m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    site.folder.write("pipelines/holds.yaml", kHolds);
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("holds", admin);
    REQUIRE(eventually([&] {
        return server.client().get(at(id, "/progress"), admin).body.find("waiting") !=
               std::string::npos;
    }));
    disk.fill();
    site.folder.write("go", "");
    CHECK(eventually([&] { return stateOf(server, id, admin) == "interrupted"; }));
    const std::string status = server.client().get(at(id, "/status"), admin).body;
    INFO(status);
    const auto error = status.substr(status.rfind("\"error\":"));
    CHECK_THAT(error, Catch::Contains("DISK_FULL") &&
                          Catch::Contains("the server continues the batch by itself") &&
                          !Catch::Contains("sheafline resume"));
    disk.makeRoom();
    CHECK(eventually([&] { return stateOf(server, id, admin) == "completed"; }));
    const std::string end = server.client().get(at(id, "/status"), admin).body;
    CHECK_THAT(end.substr(end.rfind("\"error\":")), Catch::Contains("\"error\":null"));
}

TEST_CASE("SIGTERM ends an idle server and one in mid-upload without losing anything", "[F6]") {
    const Site site;
    std::string id;
    std::string password;
    const std::string archive = site.archive(3);
    {
        RunningServer server(site);
        password = server.firstPassword();
        server.program().signal(SIGTERM);
        CHECK(server.program().wait().status == 0);
    }
    {
        RunningServer server(site);
        const Headers admin = server.signIn("admin", password);
        id = server.openUpload(archive.size(), admin);
        CHECK(server.patch(id, 0, archive.substr(0, 5'000), admin).status == 204);
        server.program().signal(SIGTERM);
        CHECK(server.program().wait().status == 0);
    }
    RunningServer server(site);
    const Headers admin = server.signIn("admin", password);
    CHECK(server.offsetOf(id, admin) == 5'000);
    CHECK(server.patch(id, 5'000, archive.substr(5'000), admin).status == 204);
    CHECK(eventually([&] { return stateOf(server, id, admin) == "completed"; }));
}

TEST_CASE("a second SIGTERM stops at once, and the next server continues the batch", "[F6]") {
    const Site site;
    site.folder.write("pipelines/hangs.yaml",
                      "name: hangs\nstages:\n  - {id: a, uses: nasty_stage, with: {act: hang}}\n");
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("hangs", admin);
    REQUIRE(eventually([&] { return stateOf(server, id, admin) == "running"; }));
    server.program().signal(SIGTERM);
    server.program().signal(SIGTERM);
    const auto result = server.program().wait();
    INFO(result.err);
    CHECK(result.status == 0);
}
