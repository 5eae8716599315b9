// Who may see and do what, on every route that the server describes. A new route is tested
// automatically.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "http/raw_client.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// Values for the params of a path: those of another user, or ones that do not exist.
std::string pathOf(const DescribedOperation& operation, const std::string& batch,
                   const std::string& user) {
    std::string path = operation.pattern;
    const bool of_users = path.starts_with("/api/users");
    const bool of_schemas = path.starts_with("/api/schema");
    const bool of_pipelines = path.starts_with("/api/pipelines");
    const std::map<std::string, std::string> values{{"{id}", batch},
                                                    {"{n}", "1"},
                                                    {"{param}", "roster"},
                                                    {"{session}", "none"},
                                                    {"{token}", "none"},
                                                    {"{name}", of_users       ? user
                                                               : of_schemas   ? "event"
                                                               : of_pipelines ? "squares"
                                                                              : "out.csv"}};
    for (const auto& [name, text] : values) {
        if (const auto place = path.find(name); place != std::string::npos)
            path.replace(place, name.size(), text);
    }
    INFO("say in this test what stands for the params of " << operation.pattern);
    REQUIRE(path.find('{') == std::string::npos);
    return path;
}

Headers headersFor(const DescribedOperation& operation, Headers who) {
    if (operation.pattern.starts_with("/api/uploads")) who["Tus-Resumable"] = "1.0.0";
    if (!operation.body.empty()) who["Content-Type"] = operation.body;
    if (operation.body == "application/offset+octet-stream") who["Upload-Offset"] = "0";
    return who;
}

std::string bodyFor(const DescribedOperation& operation) {
    return operation.body == "application/json" ? R"({"discard":true})" : "";
}

// Everything by which a client can distinguish answers.
std::string seen(const Reply& reply) {
    std::string text = std::to_string(reply.status) + '\n';
    for (const auto& [name, value] : reply.headers) {
        if (name != "date" && name != "x-request-id")
            text.append(name).append(": ").append(value).append("\n");
    }
    return text + reply.body;
}

constexpr const char* kMissing = "11111111-2222-4333-8444-555555555555";

}  // namespace

TEST_CASE("another user's batch and upload answer exactly like missing ones on every route") {
    const Site site;
    const RunningServer server(site);
    const HttpClient& client = server.client();
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    const Headers bob = server.addUser("bob", admin);
    const std::string ended = server.create("squares", alice);
    const std::string last_event = server.stream(ended, alice).back().data;
    const std::string uploading = server.openUpload(1000, alice);
    REQUIRE(server.patch(uploading, 0, "12345", alice).status == 204);
    REQUIRE(server.patch(uploading, 5, "", bob).status == 404);

    int checked = 0;
    for (const DescribedOperation& operation : server.document().operations()) {
        if (operation.pattern.find("{id}") == std::string::npos) continue;
        for (const std::string& id : {ended, uploading}) {
            const auto ask = [&](const std::string& batch, const Headers& who) {
                return client.send(operation.method, pathOf(operation, batch, ""),
                                   bodyFor(operation), headersFor(operation, who));
            };
            const Reply foreign = ask(id, bob);
            INFO(operation.method << ' ' << operation.pattern << ": " << seen(foreign));
            CHECK(foreign.status == 404);
            CHECK(seen(foreign) == seen(ask(kMissing, bob)));
            CHECK(seen(ask(id, {})) == seen(ask(kMissing, {})));
            CHECK(ask(id, {}).status == 401);
            ++checked;
        }
    }
    CHECK(checked >= 2 * 16);
    CHECK(client.get(at(ended, "/progress"), alice).body == last_event);
    CHECK(server.offsetOf(uploading, alice) == 5);
}

TEST_CASE("no list or answer reveals one user to another") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    const Headers bob = server.addUser("bob", admin);
    const std::string id = server.create("squares", alice);
    server.stream(id, alice);
    int checked = 0;
    for (const DescribedOperation& operation : server.document().operations()) {
        if (operation.method != "GET" || operation.pattern.find("{id}") != std::string::npos)
            continue;
        if (operation.pattern.starts_with("/api/streams"))
            continue;  // it does not end; list_stream_test.cpp reads it
        const Reply reply =
            server.client().get(pathOf(operation, "", "alice"), headersFor(operation, bob));
        INFO(operation.pattern << ": " << reply.body);
        CHECK(reply.body.find(id) == std::string::npos);
        CHECK(reply.body.find("alice") == std::string::npos);
        ++checked;
    }
    CHECK(checked >= 12);
    for (const char* filter : {"?q=", "?state=completed&q=", "?pipeline=squares&limit=1&q="}) {
        const std::string path = "/api/batches" + (filter + id.substr(0, 8));
        CHECK(server.client().get(path, bob).body == R"({"items":[],"next":null})");
        CHECK(server.client().get(path, admin).body.find(id) != std::string::npos);
    }
}

TEST_CASE("each route needs a sign-in or a role, except those listed here") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers viewer = server.addUser("viola", admin, "viewer");
    const std::vector<std::string> open{"POST /api/auth/login",  "OPTIONS /api/uploads",
                                        "GET /healthz",          "GET /readyz",
                                        "GET /metrics",  // to this machine
                                        "GET /api/openapi.json", "GET /",
                                        "GET /icon.svg",         "GET /scripts/{name}",
                                        "GET /styles/{name}"};
    for (const DescribedOperation& operation : server.document().operations()) {
        const std::string path = pathOf(operation, kMissing, "nobody");
        const std::string name = operation.method + ' ' + operation.pattern;
        INFO(name);
        const int status =
            server.client()
                .send(operation.method, path, bodyFor(operation), headersFor(operation, {}))
                .status;
        const bool is_open = std::find(open.begin(), open.end(), name) != open.end();
        CHECK((status == 401) != is_open);
        // A viewer changes nothing except the own account: sessions, tickets and tokens.
        if (is_open || operation.method == "GET" || name.find("/auth/") != std::string::npos ||
            name.find("ticket") != std::string::npos ||
            name.find("/api/tokens") != std::string::npos)
            continue;
        CHECK(server.client()
                  .send(operation.method, path, bodyFor(operation), headersFor(operation, viewer))
                  .status == 403);
    }
    CHECK(server.client().get("/api/users", viewer).status == 403);
}

TEST_CASE("only our own tokens are accepted") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string token = admin.at("Authorization").substr(7);
    const std::string header = token.substr(0, token.find('.'));
    const std::string claims = token.substr(token.find('.'), token.rfind('.') - token.find('.'));
    const std::string signature = token.substr(token.rfind('.'));
    const std::string id = server.create("squares", admin);
    const std::string ticket =
        value(server.post(at(id, "/stream-ticket"), "", admin).body, "ticket");
    const std::vector<std::string> forged{
        token + "x", token.substr(0, token.size() - 1),
        // {"alg":"none","typ":"JWT"}, with and without a signature; {"alg":"None",…}
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" + claims + ".",
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" + claims + signature,
        "eyJhbGciOiJOb25lIiwidHlwIjoiSldUIn0" + claims + ".",
        // {"alg":"HS256","typ":"JWT","kid":"../../../dev/null"}
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Ii4uLy4uLy4uL2Rldi9udWxsIn0" + claims +
            signature,
        // {"alg":"RS256","typ":"JWT"}
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9" + claims + signature,
        // {"sub":"admin","role":"admin","exp":4102444800}, signed by HS256 with the key "secret"
        header +
            ".eyJzdWIiOiJhZG1pbiIsInJvbGUiOiJhZG1pbiIsImV4cCI6NDEwMjQ0NDgwMH0"
            ".eUZDqh7WTBfsOotqh68LidJbhpjfkMjkvEKdPV9Uemo",
        token.substr(0, token.rfind('.') + 1), header + claims, token + signature,
        ticket,  // of another kind and audience
        ""};
    for (const std::string& text : forged) {
        INFO(text);
        CHECK(server.client().get("/api/batches", {{"Authorization", "Bearer " + text}}).status ==
              401);
        CHECK(server.client().get("/api/batches", {{"Cookie", "sheafline=" + text}}).status == 401);
        if (text == ticket || text.empty()) continue;
        CHECK(server.client().get(at(id, "/stream?ticket=" + text)).status == 401);
    }
    for (const std::string& other :
         {"Basic " + token, std::string("Bearer"), token,
          std::string("Bearer ").append(token).append(", Bearer ").append(token)}) {
        INFO(other);
        CHECK(server.client().get("/api/batches", {{"Authorization", other}}).status == 401);
    }
    // A token is never in a URL, and its header may appear only once.
    CHECK(server.client().get("/api/batches?access_token=" + token).status == 401);
    CHECK(server.client().get(at(id, "/stream?ticket=" + token)).status == 401);
    http::test::RawClient twice(static_cast<std::uint16_t>(server.portNumber()));
    const std::string line = "Authorization: Bearer " + token + "\r\n";
    twice.send("GET /api/batches HTTP/1.1\r\nHost: localhost\r\n" + line + line + "\r\n");
    CHECK(http::test::statusOf(twice.readReply()) == 400);

    CHECK(server.client().get("/api/batches", admin).status == 200);
    CHECK(server.client().send("POST", "/api/auth/logout", "", admin).status == 204);
    CHECK(server.client().get("/api/batches", admin).status == 401);
    CHECK(server.client().get(at(id, "/stream?ticket=" + ticket)).status == 401);
}

TEST_CASE("a ticket opens only the stream of its batch") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    const Headers bob = server.addUser("bob", admin);
    const std::string hers = server.create("squares", alice);
    const std::string his = server.create("squares", bob);
    const std::string ticket =
        value(server.post(at(his, "/stream-ticket"), "", bob).body, "ticket");
    CHECK(server.client().get(at(hers, "/stream?ticket=" + ticket)).status == 401);
    for (const char* what : {"/progress", "/status", "/results", ""})
        CHECK(server.client().get(at(his, what) + "?ticket=" + ticket).status >= 400);
    CHECK(curlStream(server.client().url() + at(his, "/stream?ticket=" + ticket)).back().name ==
          "complete");
    // A second time, because an EventSource reconnects.
    CHECK(curlStream(server.client().url() + at(his, "/stream?ticket=" + ticket)).back().name ==
          "complete");
}
