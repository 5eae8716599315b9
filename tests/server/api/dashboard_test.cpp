// The files of the dashboard as the server sends them. tests/clients uses its pages.
#include <sstream>
#include <string>

#include <Poco/InflatingStream.h>
#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// "/scripts/dashboard-HASH.js" of the page.
std::string assetOf(const std::string& page, const std::string& ending) {
    const auto end = page.find(ending + '"');
    const auto begin = page.rfind('"', end) + 1;
    return page.substr(begin, end + ending.size() - begin);
}

std::string inflated(const std::string& gzip) {
    std::istringstream in(gzip);
    Poco::InflatingInputStream stream(in, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::ostringstream out;
    out << stream.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("the dashboard is one page without anything inline") {
    const Site site;
    const RunningServer server(site);
    const Reply page = server.client().get("/");
    CHECK(page.status == 200);
    const std::string policy = page.headers.at("content-security-policy");
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(policy.find("script-src 'self'") != std::string::npos);
    CHECK(page.body.find("<style") == std::string::npos);
    CHECK(page.body.find("http") == std::string::npos);  // nothing from another host
    CHECK(page.headers.at("cache-control") == "no-cache");
}

TEST_CASE("browsers keep the dashboard's script and style, whose names contain a hash") {
    const Site site;
    const RunningServer server(site);
    const std::string page = server.client().get("/").body;
    for (const char* ending : {".js", ".css"}) {
        const Reply sent = server.client().get(assetOf(page, ending));
        CHECK(sent.status == 200);
        CHECK(sent.headers.at("cache-control") == "public, max-age=31536000, immutable");
    }
    CHECK(server.client().get("/scripts/index.html").status == 404);
    CHECK(server.client().get("/scripts/dashboard-00000000.js").status == 404);
}

TEST_CASE("the dashboard's script is compressed for browsers that accept it") {
    const Site site;
    const RunningServer server(site);
    const std::string script = assetOf(server.client().get("/").body, ".js");
    const Reply plain = server.client().get(script);
    const Reply gzip = server.client().get(script, {{"Accept-Encoding", "gzip, deflate, br"}});
    CHECK(!plain.headers.contains("content-encoding"));
    CHECK(gzip.headers.at("content-encoding") == "gzip");
    CHECK(gzip.headers.at("vary").find("Accept-Encoding") != std::string::npos);
    CHECK(inflated(gzip.body) == plain.body);
    CHECK(gzip.body.size() < 150'000);
    const Reply without = server.client().get(script, {{"Accept-Encoding", "br, gzip;q=0"}});
    CHECK(without.body == plain.body);
}
