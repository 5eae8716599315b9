// A server that must wait for something answers 503, and loses nothing.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "http/raw_client.h"
#include "running_server.h"

using sheafline::eventually;
using namespace sheafline::test;
using sheafline::http::test::bodyOf;
using sheafline::http::test::RawClient;
using sheafline::http::test::statusOf;

namespace {

std::string bearer(const Headers& who) {
    return "Host: localhost\r\nAuthorization: " + who.at("Authorization") + "\r\n";
}

}  // namespace

TEST_CASE("a database that another program has locked answers 503, and then works again") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    sqlite3* accounts = nullptr;
    REQUIRE(sqlite3_open((site.folder / "sheafline-data/accounts.db").c_str(), &accounts) ==
            SQLITE_OK);
    REQUIRE(sqlite3_exec(accounts, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    const std::string order = R"({"user":"eve","password":"a long password"})";
    const Reply reply = server.post("/api/users", order, admin);
    INFO(reply.body);
    CHECK(reply.status == 503);
    CHECK(value(reply.body, "code") == "BUSY");
    CHECK(reply.headers.contains("retry-after"));
    CHECK(sqlite3_exec(accounts, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(accounts);
    CHECK(server.post("/api/users", order, admin).status == 201);
}

// Not under UBSan, which opens a pipe to inspect an object's type and finds no descriptor either.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("a server without free descriptors answers 503, and then works again") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.openUpload(1'000, admin);
    const std::string batch = server.create("squares", admin);
    REQUIRE(server.stream(batch, admin).back().name == "complete");
    const std::string patch = "PATCH /api/uploads/" + id + " HTTP/1.1\r\n" + bearer(admin) +
                              "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                              "Content-Type: application/offset+octet-stream\r\n"
                              "Content-Length: 4\r\n\r\nPK\3\4";
    const std::string file =
        "GET " + at(batch, "/artifacts/out.csv") + " HTTP/1.1\r\n" + bearer(admin) + "\r\n";
    const bool is_upload = GENERATE(true, false);
    const std::string& request = is_upload ? patch : file;
    RawClient client(static_cast<std::uint16_t>(server.portNumber()));
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(statusOf(client.readReply()) == 200);
    rlimit before{};
    const rlimit none{.rlim_cur = 3, .rlim_max = 4'096};
    REQUIRE(::prlimit(server.program().pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
    REQUIRE(::prlimit(server.program().pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
    client.send(request);
    const std::string reply = client.readReply();
    INFO(reply);
    CHECK(statusOf(reply) == 503);
    CHECK(value(bodyOf(reply), "code") == "BUSY");
    const rlimit enough{.rlim_cur = 4'096, .rlim_max = 4'096};
    REQUIRE(::prlimit(server.program().pid(), RLIMIT_NOFILE, &enough, nullptr) == 0);
    RawClient again(static_cast<std::uint16_t>(server.portNumber()));
    again.send(request);
    CHECK(statusOf(again.readReply()) / 100 == 2);
}
#endif

#ifndef __SANITIZE_ADDRESS__
TEST_CASE("a batch that runs while the server has no free descriptors completes") {
    const Site site;
    site.folder.write("pipelines/long.yaml",
                      "name: long\nstages:\n"
                      "  - {id: make, uses: probe, with: {act: sheets, count: 4}}\n"
                      "  - {id: hold, uses: probe, with: {act: wait_for_file}}\n"
                      "  - {id: read, uses: dispatch, with: {processor: probe, calls: " +
                          (site.folder.path() / "calls.txt").string() + "}}\n");
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("long", admin);
    REQUIRE(eventually([&] {
        return server.client().get(at(id, "/progress"), admin).body.find("\"waiting\"") !=
               std::string::npos;
    }));
    rlimit before{};
    const rlimit none{.rlim_cur = 3, .rlim_max = 4'096};
    REQUIRE(::prlimit(server.program().pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
    REQUIRE(::prlimit(server.program().pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
    site.folder.write("go", "");
    CHECK(eventually([&] {
        std::ifstream calls(site.folder.path() / "calls.txt");
        return std::count(std::istreambuf_iterator<char>(calls), {}, '\n') == 4;
    }));
    const rlimit enough{.rlim_cur = 4'096, .rlim_max = 4'096};
    REQUIRE(::prlimit(server.program().pid(), RLIMIT_NOFILE, &enough, nullptr) == 0);
    CHECK(server.stream(id, admin).back().name == "complete");
}
#endif

TEST_CASE("an order whose JSON comes in chunks is read") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    RawClient client(static_cast<std::uint16_t>(server.portNumber()));
    client.send("POST /api/batches HTTP/1.1\r\n" + bearer(admin) +
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                "b\r\n{\"pipeline\"\r\na\r\n:\"squares\"\r\n");
    client.send("1\r\n}\r\n0\r\n\r\n");
    const std::string reply = client.readReply();
    INFO(reply);
    CHECK(statusOf(reply) == 201);
    CHECK(value(bodyOf(reply), "state") != "uploading");
}

TEST_CASE("a chunked order above its limit is rejected, and its client finds the answer") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    RawClient client(static_cast<std::uint16_t>(server.portNumber()));
    client.send("POST /api/batches HTTP/1.1\r\n" + bearer(admin) +
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "100000\r\n" + std::string(1U << 20U, ' ') + "\r\n";
    for (int i = 0; i < 40; ++i) REQUIRE(client.send(chunk));
    CHECK(statusOf(client.readReply()) == 413);
}
