// A server that is asked to stop: what clients can still do, and what they find after the next
// start.
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "http/raw_client.h"
#include "running_server.h"

using namespace sheafline::test;
using sheafline::http::test::RawClient;
using sheafline::http::test::statusOf;

TEST_CASE("a slow upload neither delays a stop nor loses what arrived of it") {
    const Site site;
    std::string id;
    std::string password;
    {
        RunningServer server(site, "0", {{"SHEAFLINE_STOP_GRACE", "24h"}});
        password = server.firstPassword();
        const Headers admin = server.signIn("admin", password);
        id = server.openUpload(1'000'000, admin);
        RawClient client(static_cast<std::uint16_t>(server.portNumber()));
        client.send("PATCH /api/uploads/" + id +
                    " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + admin.at("Authorization") +
                    "\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                    "Content-Type: application/offset+octet-stream\r\n"
                    "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        REQUIRE(client.readUntil("100 Continue\r\n\r\n").find("100") != std::string::npos);
        client.send(std::string(100'000, 'x'));
        REQUIRE(sheafline::eventually([&] {
            return std::filesystem::file_size(site.folder / stored("uploads/" + id + "/part")) ==
                   100'000;
        }));
        server.program().signal(SIGTERM);
        CHECK(statusOf(client.readReply()) == 503);
        CHECK(server.program().wait().status == 0);
    }
    const RunningServer server(site);
    CHECK(server.offsetOf(id, server.signIn("admin", password)) == 100'000);
}

TEST_CASE("a client that reads nothing does not delay a stop beyond its grace") {
    const Site site;
    RunningServer server(site, "0", {{"SHEAFLINE_STOP_GRACE", "200ms"}});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(
            std::make_unique<RawClient>(static_cast<std::uint16_t>(server.portNumber()), 4'096));
        for (int request = 0; request < 20; ++request)
            clients.back()->send("GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    server.program().signal(SIGTERM);
    CHECK(server.program().wait().status == 0);
}
