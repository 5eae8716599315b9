// `serve` as its clients meet it: the real program on a free port.
#include <algorithm>
#include <signal.h>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "http_client.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kSquares = R"(
name: squares
params:
  extra: {type: string, default: "", pattern: "^[a-z]*$"}
  secret_place: {type: string, default: "", scope: operator}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 40}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: out.csv}}
)";
constexpr const char* kSlow = R"(
name: slow
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 60}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, pause: 40ms}}
)";
constexpr const char* kWaits =
    "name: waits\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n";
constexpr const char* kFails =
    "name: fails\nstages:\n  - {id: a, uses: probe, with: {act: fail}}\n";

struct Site {
    TemporaryFolder folder;

    Site() {
        std::filesystem::create_directory(folder / "pipelines");
        folder.write("pipelines/squares.yaml", kSquares);
        folder.write("pipelines/slow.yaml", kSlow);
        folder.write("pipelines/waits.yaml", kWaits);
        folder.write("pipelines/fails.yaml", kFails);
    }
};

class RunningServer {
 public:
    explicit RunningServer(const Site& site, const std::string& port = "0")
        : program_(site.folder.path(), {"serve", "--listen", "127.0.0.1:" + port}),
          client_(program_.waitForLineAfter("listening on ")) {}

    const HttpClient& client() const { return client_; }
    Program& program() { return program_; }
    std::string port() const { return client_.url().substr(client_.url().rfind(':') + 1); }
    std::string firstPassword() const {
        return program_.waitForLineAfter("sign in as 'admin' with the password ");
    }

    Headers signIn(const std::string& user, const std::string& password) const {
        const Reply reply =
            client_.send("POST", "/api/auth/login", "username=" + user + "&password=" + password,
                         {{"Content-Type", "application/x-www-form-urlencoded"}});
        REQUIRE(reply.status == 200);
        CHECK(value(reply.body, "token_type") == "bearer");
        return {{"Authorization", "Bearer " + value(reply.body, "access_token")}};
    }
    Reply post(const std::string& path, const std::string& json, Headers headers) const {
        headers["Content-Type"] = "application/json";
        return client_.send("POST", path, json, headers);
    }
    std::string create(const std::string& pipeline, const Headers& who) const {
        const Reply reply = post("/api/batches", "{\"pipeline\":\"" + pipeline + "\"}", who);
        INFO(reply.body);
        REQUIRE(reply.status == 201);
        return value(reply.body, "batch_id");
    }
    std::vector<StreamedEvent> stream(const std::string& batch, Headers headers) const {
        return curlStream(client_.url() + "/api/batches/" + batch + "/stream", headers);
    }

 private:
    Program program_;
    HttpClient client_;
};

std::string at(const std::string& batch, const std::string& what) {
    return "/api/batches/" + batch + what;
}

}  // namespace

TEST_CASE("a batch is created, streamed, polled and downloaded") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signIn("admin", server.firstPassword());
    const HttpClient& client = server.client();
    const std::string id = server.create("squares", admin);
    const auto events = server.stream(id, admin);
    REQUIRE(events.size() >= 5);
    CHECK(events.front().id == "1");
    CHECK(events.back().name == "complete");
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].id == std::to_string(i + 1));

    Headers resumed = admin;
    resumed["Last-Event-ID"] = events.back().id;
    CHECK(client.get(at(id, "/stream"), resumed).status == 204);
    CHECK(client.get(at(id, "/progress"), admin).body == events.back().data);
    const Reply all = client.get(at(id, "/progress?after=0"), admin);
    CHECK(all.body.find("\"final\":true") != std::string::npos);
    CHECK(value(client.get(at(id, "/status"), admin).body, "state") == "completed");
    CHECK(value(client.get(at(id, "/results?limit=1"), admin).body, "square") == "1");
    CHECK(client.get(at(id, "/sheets?state=quarantined"), admin).body ==
          R"({"items":[],"next":null})");
    CHECK(value(client.get(at(id, "/sheets/7"), admin).body, "square") == "49");

    const Reply file = client.get(at(id, "/artifacts/out.csv"), admin);
    CHECK(file.status == 200);
    CHECK(file.headers.at("content-disposition") == "attachment; filename*=UTF-8''out.csv");
    Headers part = admin;
    part["Range"] = "bytes=9-13";
    const Reply range = client.get(at(id, "/artifacts/out.csv"), part);
    CHECK(range.status == 206);
    CHECK(range.body == file.body.substr(9, 5));
    part["Range"] = "bytes=999999-";
    CHECK(client.get(at(id, "/artifacts/out.csv"), part).status == 416);
    CHECK(client.get(at(id, "/artifacts/..%2fresults.db"), admin).status == 400);

    const Reply ticket = server.post(at(id, "/stream-ticket"), "", admin);
    CHECK(ticket.status == 201);
    CHECK(curlStream(client.url() + value(ticket.body, "url")).size() == events.size());

    CHECK(client.send("POST", at(id, "/cancel"), "", admin).status == 409);
    CHECK(client.send("DELETE", at(id, ""), "", admin).status == 204);
    CHECK(client.get(at(id, ""), admin).status == 404);
}

TEST_CASE("the streams of a failed and of a cancelled batch end with an error event") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signIn("admin", server.firstPassword());
    const std::string failing = server.create("fails", admin);
    const auto failed = server.stream(failing, admin);
    REQUIRE_FALSE(failed.empty());
    CHECK(failed.back().name == "error");
    CHECK(value(failed.back().data, "code") == "PROBE");

    CHECK(server.client().send("POST", at(failing, "/retry"), "", admin).status == 202);
    const auto again = server.stream(failing, admin);
    REQUIRE(again.size() > failed.size());
    CHECK(again[failed.size() - 1].name == "progress");
    CHECK(again.back().name == "error");
    CHECK(value(again.back().data, "execution") == "2");

    const std::string id = server.create("waits", admin);
    std::vector<StreamedEvent> cancelled;
    std::thread watcher([&] { cancelled = server.stream(id, admin); });
    REQUIRE(eventually([&] {
        return server.client().get(at(id, "/progress"), admin).body.find("waiting") !=
               std::string::npos;
    }));
    CHECK(server.client().send("POST", at(id, "/cancel"), "", admin).status == 202);
    watcher.join();
    REQUIRE_FALSE(cancelled.empty());
    CHECK(cancelled.back().name == "error");
    CHECK(value(cancelled.back().data, "stage") == "cancelled");
}

TEST_CASE("a wrong order is refused by name") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signIn("admin", server.firstPassword());
    struct Case {
        const char* json;
        int status;
        const char* said;
    };
    const Case cases[] = {
        {"{", 400, "BAD_JSON"},
        {"{}", 422, "\"pointer\":\"/pipeline\""},
        {R"({"pipeline":"none"})", 422, "\"pointer\":\"/pipeline\""},
        {R"({"pipeline":"squares","params":{"extra":"A1"}})", 422, "/params/extra"},
        {R"({"pipeline":"squares","params":{"secret_place":"x"}})", 422, "/params/secret_place"},
        {R"({"pipeline":"squares","params":{"unknown":"x"}})", 422, "/params/unknown"},
    };
    for (const Case& one : cases) {
        const Reply reply = server.post("/api/batches", one.json, admin);
        INFO(one.json << " " << reply.body);
        CHECK(reply.status == one.status);
        CHECK(reply.body.find(one.said) != std::string::npos);
        CHECK(reply.headers.at("content-type") == "application/problem+json");
    }
}

TEST_CASE("another's batch answers exactly like one that is not there, on every route") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signIn("admin", server.firstPassword());
    for (const char* user : {"alice", "bob"}) {
        const std::string json = "{\"user\":\"" + std::string(user) +
                                 "\",\"password\":\"a long password\",\"role\":\"operator\"}";
        CHECK(server.post("/api/users", json, admin).status == 201);
    }
    const Headers alice = server.signIn("alice", "a+long+password");
    const Headers bob = server.signIn("bob", "a+long+password");
    const std::string id = server.create("squares", alice);
    server.stream(id, alice);
    const HttpClient& client = server.client();
    CHECK(client.get(at(id, ""), alice).status == 200);
    CHECK(client.get("/api/batches", bob).body == R"({"items":[],"next":null})");
    CHECK(client.get("/api/users", bob).status == 403);

    const std::string document = client.get("/api/openapi.json").body;
    const std::string missing = "11111111-2222-4333-8444-555555555555";
    int checked = 0;
    for (std::size_t begin = 0;
         (begin = document.find("\"/api/batches/{id}", begin)) != std::string::npos; ++begin) {
        const std::string pattern =
            document.substr(begin + 1, document.find('"', begin + 1) - begin - 1);
        std::string rest = pattern.substr(std::string("/api/batches/{id}").size());
        for (const auto& [name, text] : {std::pair("{name}", "out.csv"), std::pair("{n}", "1")}) {
            if (const auto place = rest.find(name); place != std::string::npos)
                rest.replace(place, std::string(name).size(), text);
        }
        for (const char* method : {"GET", "POST", "DELETE"}) {
            const Reply foreign = client.send(method, at(id, rest), "", bob);
            const Reply none = client.send(method, at(missing, rest), "", bob);
            INFO(method << ' ' << rest << ": " << foreign.status << ' ' << foreign.body);
            CHECK(foreign.status == none.status);
            CHECK(foreign.body == none.body);
            CHECK((foreign.status == 404 || foreign.status == 405));
            CHECK(client.send(method, at(id, rest)).status == (none.status == 405 ? 405 : 401));
            ++checked;
        }
    }
    CHECK(checked >= 30);
    CHECK(client.get(at(id, ""), alice).status == 200);
}

TEST_CASE("no token but ours is taken") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signIn("admin", server.firstPassword());
    const std::string token = admin.at("Authorization").substr(7);
    const std::string claims = token.substr(token.find('.'), token.rfind('.') - token.find('.'));
    const std::vector<std::string> forged{
        "Bearer " + token + "x",
        "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" + claims + ".",
        "Bearer " + token.substr(0, token.rfind('.') + 1),
        "Bearer",
        "Bearer ",
        "Basic " + token,
        "Bearer " + token + ", Bearer " + token};
    for (const std::string& header : forged) {
        INFO(header);
        CHECK(server.client().get("/api/batches", {{"Authorization", header}}).status == 401);
    }
    CHECK(server.client().get("/api/batches", admin).status == 200);
    CHECK(server.client().send("POST", "/api/auth/logout", "", admin).status == 204);
    CHECK(server.client().get("/api/batches", admin).status == 401);
}

TEST_CASE("a cookie signs the dashboard in, and no other site's page can use it") {
    const Site site;
    RunningServer server(site);
    const HttpClient& client = server.client();
    const std::string form = "username=admin&password=" + server.firstPassword();
    Headers headers{{"Content-Type", "application/x-www-form-urlencoded"},
                    {"Origin", "http://evil.example"}};
    CHECK(client.send("POST", "/api/auth/login?cookie=1", form, headers).status == 403);
    headers["Origin"] = client.url();
    const Reply reply = client.send("POST", "/api/auth/login?cookie=1", form, headers);
    REQUIRE(reply.status == 200);
    CHECK(reply.body.find("token") == std::string::npos);
    const std::string cookie = reply.headers.at("set-cookie");
    CHECK(cookie.find("HttpOnly; SameSite=Strict") != std::string::npos);
    Headers own{{"Cookie", cookie.substr(0, cookie.find(';'))}};
    CHECK(value(client.get("/api/auth/session", own).body, "role") == "admin");
    CHECK(client.send("POST", "/api/auth/logout", "", own).status == 403);
    own["Origin"] = client.url();
    CHECK(client.send("POST", "/api/auth/refresh", "", own).status == 200);
    CHECK(client.send("POST", "/api/auth/logout", "", own).status == 204);
}

TEST_CASE("a restart in the middle of a batch shows every watcher every event once") {
    const Site site;
    auto server = std::make_unique<RunningServer>(site);
    const std::string port = server->port();
    const Headers admin = server->signIn("admin", server->firstPassword());
    const std::string id = server->create("slow", admin);
    const std::string url = server->client().url() + at(id, "/stream");
    std::vector<std::vector<std::string>> seen(20);
    std::vector<std::thread> watchers;
    for (auto& ids : seen) {
        watchers.emplace_back([&ids, &admin, url] {
            Headers headers = admin;
            eventually([&] {
                for (const StreamedEvent& event : curlStream(url, headers)) {
                    if (event.id.empty()) continue;
                    ids.push_back(event.id);
                    headers["Last-Event-ID"] = event.id;
                    if (event.name != "progress") return true;
                }
                return false;
            });
        });
    }
    REQUIRE(eventually([&] {
        return value(server->client().get(at(id, "/progress"), admin).body, "stage") ==
               "processing_sheets";
    }));
    server->program().signal(SIGTERM);
    CHECK(server->program().wait().status == 0);
    server = std::make_unique<RunningServer>(site, port);
    for (std::thread& watcher : watchers) watcher.join();
    const Reply polled = server->client().get(at(id, "/progress"), admin);
    CHECK(value(polled.body, "stage") == "completed");
    std::vector<std::string> all;
    for (int seq = 1; seq <= std::stoi(value(polled.body, "seq")); ++seq)
        all.push_back(std::to_string(seq));
    for (const auto& ids : seen) CHECK(ids == all);
}

TEST_CASE("a second server on the data folder is refused") {
    const Site site;
    const RunningServer server(site);
    CHECK(runProgram(site.folder.path(), {"serve", "--listen", "127.0.0.1:0"}).status == 75);
}
