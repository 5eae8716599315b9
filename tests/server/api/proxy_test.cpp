// Requests that a proxy forwards, and requests of pages whose host name was changed to this
// machine.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline::test;

namespace {

int statusOf(const RunningServer& server, const std::string& path, const Headers& headers) {
    return server.client().get(path, headers).status;
}

}  // namespace

TEST_CASE("a request that an unknown proxy on this machine forwards is not from this machine") {
    const Site site;
    RunningServer server(site);
    CHECK(statusOf(server, "/metrics", {}) == 200);
    for (const char* field :
         {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"})
        CHECK(statusOf(server, "/metrics", {{field, "203.0.113.9"}}) == 401);
    CHECK(statusOf(server, "/metrics",
                   with(server.signInAdmin(), {{"X-Forwarded-For", "203.0.113.9"}})) == 200);
    CHECK(server.program().waitForLineAfter("a proxy at ").starts_with("127.0.0.1 forwards"));
}

TEST_CASE("a trusted proxy says where a request comes from, and may pass on any host") {
    const Site site;
    const RunningServer server(site, "0", {{"SHEAFLINE_TRUSTED_PROXIES", "127.0.0.1"}});
    CHECK(statusOf(server, "/metrics", {{"X-Forwarded-For", "203.0.113.9"}}) == 401);
    CHECK(statusOf(server, "/metrics", {{"X-Forwarded-For", "127.0.0.1"}}) == 200);
    CHECK(statusOf(server, "/healthz", {{"Host", "sheafline.example"}}) == 200);
}

TEST_CASE("a server on a loopback address rejects a host that is not this machine") {
    const Site site;
    const RunningServer server(site, "0", {{"SHEAFLINE_WORKER_URL", "http://inside.example:8000"}});
    for (const char* own : {"localhost", "localhost:8000", "LOCALHOST", "127.0.0.1", "127.8.9.1:1",
                            "[::1]:8000", "a.localhost", "inside.example"}) {
        INFO(own);
        CHECK(statusOf(server, "/healthz", {{"Host", own}}) == 200);
    }
    for (const char* foreign : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                                "192.0.2.7:8000", "evil.example:127"}) {
        INFO(foreign);
        const Reply reply = server.client().get("/healthz", {{"Host", foreign}});
        CHECK(reply.status == 403);
        CHECK(value(reply.body, "code") == "FOREIGN_HOST");
        CHECK(statusOf(server, "/", {{"Host", foreign}}) == 403);
    }
}
