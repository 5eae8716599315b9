// The server's description of its API is held to the code, and the code to the description: no
// route and no error is missing on either side. That answers are as described is checked with every
// request of every test that uses RunningServer.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

const std::filesystem::path kServer = SHEAFLINE_SOURCE_DIR "/server";

std::string sourcesOf(const std::filesystem::path& folder) {
    std::ostringstream text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string extension = entry.path().extension();
        if (extension == ".cpp" || extension == ".h")
            text << std::ifstream(entry.path()).rdbuf() << '\n';
    }
    return text.str();
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), regex); at != std::sregex_iterator();
         ++at)
        found.insert((*at)[1].str() + ' ' + (*at)[2].str());
    return found;
}

std::string pathOf(const std::string& pattern) {
    static const std::regex param(R"(\{[a-z]+\})");
    return std::regex_replace(pattern, param, "1");
}

}  // namespace

TEST_CASE("the description names every route that the code adds, and no other") {
    const Site site;
    const RunningServer server(site);
    std::set<std::string> described;
    for (const DescribedOperation& operation : server.document().operations()) {
        CHECK_FALSE(operation.summary.empty());
        described.insert(operation.method + ' ' + operation.pattern);
    }
    const std::string api = sourcesOf(kServer / "src");
    std::set<std::string> added =
        matches(api, R"re(routes\.add(?:Streamed)?\(\s*"([A-Z]+)",\s*"([^"]+)")re");
    for (const std::string& file : matches(api, "addFile\\(routes,()\\s*\"([^\"]+)\""))
        added.insert("GET" + file);
    CHECK(described == added);
    // Past ApiRoutes there is no way to a route of the server.
    CHECK(matches(api, "(router_?\\.add)(\\()").size() == 1);
}

TEST_CASE("each path takes exactly the methods that are described") {
    const Site site;
    const RunningServer server(site);
    std::map<std::string, std::set<std::string>> methods;
    for (const DescribedOperation& operation : server.document().operations())
        methods[operation.pattern].insert(operation.method);
    REQUIRE(methods.size() > 20);
    for (const auto& [pattern, described] : methods) {
        std::set<std::string> all = described;
        all.insert("OPTIONS");
        if (described.contains("GET")) all.insert("HEAD");
        std::string allow;
        for (const std::string& method : all) allow += (allow.empty() ? "" : ", ") + method;
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            const Reply reply = server.client().send(method, pathOf(pattern));
            INFO(method << ' ' << pattern << ": " << reply.status << ' ' << reply.body);
            CHECK((reply.status == 405) != described.contains(method));
            if (reply.status == 405) CHECK(reply.headers.at("allow") == allow);
        }
    }
}

TEST_CASE("the description names every error of the code with its status, and no other") {
    const Site site;
    const RunningServer server(site);
    const std::string code = sourcesOf(kServer);
    std::set<std::string> thrown;
    for (const char* pattern :
         {"HttpError\\(\\s*(\\d{3}),\\s*\"([A-Z_]+)\"", "\\bfail\\(\\s*(\\d{3}),\\s*\"([A-Z_]+)\"",
          "\\.status = (\\d{3}),\\s*\\.code = \"([A-Z_]+)\""})
        thrown.merge(matches(code, pattern));
    thrown.erase("400 CLIENT_GONE");      // there is nobody to read it
    thrown.erase("409 OFFSET_MISMATCH");  // in an example; see below
    thrown.erase("413 BODY_TOO_LARGE");
    REQUIRE(thrown.size() > 40);
    const std::string table = sourcesOf(kServer / "src/api");
    std::map<std::string, std::string> status_of;
    for (const std::string& line : matches(table, "\\{\"([A-Z_]+)\", (\\d{3}), \""))
        status_of[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
    for (const std::string& one : thrown) {
        INFO(one);
        CHECK(status_of[one.substr(4)] == one.substr(0, 3));
    }
    // How an upload can end: the code's two switches, joined by the name of the outcome.
    const std::string outcomes = sourcesOf(kServer / "src/uploads");
    std::set<std::string> of_uploads;
    for (const std::string& line :
         matches(outcomes, "case UploadOutcome::([a-z_]+):\\s*return \"([A-Z_]+)\""))
        of_uploads.insert(line.substr(line.find(' ') + 1));
    of_uploads.erase("OK");
    CHECK(of_uploads.size() == 15);

    const std::set<std::string> described = server.document().codes();
    std::set<std::string> listed;
    for (const auto& [name, status] : status_of) listed.insert(name);
    for (const std::string& one : of_uploads) CHECK(listed.contains(one));
    for (const auto& operation : server.document().operations()) {
        for (const auto& [status, response] : operation.responses) {
            for (const std::string& one : response.codes)
                CHECK(status_of[one] == std::to_string(status));
        }
    }
    // Those of no route at all.
    listed.erase("NOT_FOUND");
    listed.erase("METHOD_NOT_ALLOWED");
    std::set<std::string> of_routes = described;
    of_routes.erase("NOT_FOUND");
    CHECK(of_routes == listed);
}
