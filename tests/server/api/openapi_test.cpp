// The server's description of its API agrees with the code: neither omits a route or an error of
// the other. Every test that uses RunningServer checks each answer against the description.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <Poco/JSON/Parser.h>
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

TEST_CASE("the OpenAPI document names exactly the routes of the code") {
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
    for (const std::string& page : matches(api, "addPage\\(routes,()\\s*\"([^\"]+)\""))
        added.insert("GET" + page);
    for (const std::string& folder : matches(api, "addFolder\\(routes,()\\s*\"([^\"]+)\""))
        added.insert("GET /" + folder.substr(1) + "/{name}");
    CHECK(described == added);
    // Every route of the server goes through ApiRoutes.
    CHECK(matches(api, "(router_?\\.add)(\\()").size() == 1);
}

TEST_CASE("every operation of the OpenAPI document has an id and the schemas of its JSON bodies") {
    const Site site;
    const RunningServer server(site);
    std::set<std::string> ids;
    for (const DescribedOperation& operation : server.document().operations()) {
        INFO(operation.method << ' ' << operation.pattern);
        CHECK_FALSE(operation.id.empty());
        CHECK(ids.insert(operation.id).second);
        for (const auto& [status, response] : operation.responses)
            CHECK((response.type == "application/json") == !response.schema.isNull());
    }
}

TEST_CASE("a body that is not as its schema says is found") {
    const auto schemas = Poco::JSON::Parser()
                             .parse(R"({"State":{"type":"string","enum":["read","waiting"]}})")
                             .extract<Poco::JSON::Object::Ptr>();
    const auto schema = Poco::JSON::Parser()
                            .parse(R"({"type":"object","required":["n"],"properties":{
                                "n":{"type":"integer","minimum":1},
                                "state":{"$ref":"#/components/schemas/State"},
                                "end":{"type":"string","nullable":true}}})")
                            .extract<Poco::JSON::Object::Ptr>();
    const SchemaCheck check(schemas);
    const auto finding = [&](const char* json) {
        return check.finding(*schema, Poco::JSON::Parser().parse(json));
    };
    CHECK(finding(R"({"n":1,"state":"read","end":null})").empty());
    CHECK(finding(R"({"state":"read"})") == ": lacks 'n'");
    CHECK(finding(R"({"n":0})") == "/n: 0 is below the minimum");
    CHECK(finding(R"({"n":"1"})") == "/n: 1 is not of the type integer");
    CHECK(finding(R"({"n":1,"state":"red"})") == "/state: 'red' is not one of the enum");
    CHECK(finding(R"({"n":1,"state":null})") == "/state: must not be null");
    CHECK(finding(R"({"n":1,"more":2})") == ": 'more' is not described");
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

TEST_CASE("the OpenAPI document names exactly the errors of the code, with their status") {
    const Site site;
    const RunningServer server(site);
    const std::string code = sourcesOf(kServer);
    std::set<std::string> thrown;
    for (const char* pattern :
         {"HttpError\\(\\s*(\\d{3}),\\s*\"([A-Z_]+)\"", "\\bfail\\(\\s*(\\d{3}),\\s*\"([A-Z_]+)\"",
          "\\.status = (\\d{3}),\\s*\\.code = \"([A-Z_]+)\""})
        thrown.merge(matches(code, pattern));
    thrown.erase("400 CLIENT_GONE");      // no client is left to read it
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
    // The ends of an upload: the two switches in the code, joined by the name of the outcome.
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
    // The codes that belong to no route.
    listed.erase("NOT_FOUND");
    listed.erase("METHOD_NOT_ALLOWED");
    std::set<std::string> of_routes = described;
    of_routes.erase("NOT_FOUND");
    CHECK(of_routes == listed);
}

TEST_CASE("every error code of the OpenAPI document says what happened and what to do") {
    const Site site;
    const RunningServer server(site);
    const auto document = Poco::JSON::Parser()
                              .parse(server.client().get("/api/openapi.json").body)
                              .extract<Poco::JSON::Object::Ptr>();
    // One paragraph for each code: "CODE: what happened; what to do".
    const std::regex paragraph("([A-Z_]+): [^;]+; [^;]+(; [^;]+)?");
    std::set<std::string> explained;
    const auto walk = [&](const Poco::JSON::Object::Ptr& responses) {
        for (const auto& [status, value] : *responses) {
            const auto response = value.extract<Poco::JSON::Object::Ptr>();
            const auto content = response->getObject("content");
            if (content.isNull() || !content->has("application/problem+json")) continue;
            auto text = response->getValue<std::string>("description");
            while (!text.empty()) {
                const std::size_t end = std::min(text.find("\n\n"), text.size());
                const std::string one = text.substr(0, end);
                text.erase(0, end + 2);
                INFO(one);
                std::smatch match;
                CHECK(std::regex_match(one, match, paragraph));
                explained.insert(match[1].str());
            }
        }
    };
    for (const auto& [pattern, path] : *document->getObject("paths")) {
        for (const auto& [method, operation] : *path.extract<Poco::JSON::Object::Ptr>())
            walk(operation.extract<Poco::JSON::Object::Ptr>()->getObject("responses"));
    }
    walk(document->getObject("components")->getObject("responses"));
    CHECK(explained == server.document().codes());
}
