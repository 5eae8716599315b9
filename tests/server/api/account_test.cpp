// What users can do with their own account, and tokens for programs.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

std::string newToken(const RunningServer& server, const Headers& who, const std::string& scopes) {
    const Reply made =
        server.post("/api/tokens", R"({"name":"test","scopes":[)" + scopes + "]}", who);
    INFO(made.body);
    REQUIRE(made.status == 201);
    return value(made.body, "token");
}

std::string change(const std::string& from, const std::string& to) {
    return R"({"old":")" + from + R"(","new":")" + to + "\"}";
}

}  // namespace

TEST_CASE("a user changes the own password, and only the session of the change stays") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers ann = server.addUser("ann", admin);
    const Headers other = server.signIn("ann", kPassword);
    const auto session = [&](const Headers& who) {
        return server.client().get("/api/auth/session", who);
    };
    CHECK(value(session(ann).body, "must_change_password") == "true");
    struct Case {
        std::string body;
        std::string pointer;
    };
    const std::vector<Case> cases{
        {change("not the password", "a new password"), "/old"},
        {change(kPassword, "short"), "/new"},
        {change(kPassword, "qwertyuiop"), "/new"},
        {change(kPassword, kPassword), "/new"},
        {R"({"new":"a new password"})", "/old"},
    };
    for (const Case& one : cases) {
        const Reply reply = server.post("/api/auth/password", one.body, ann);
        INFO(one.body << ' ' << reply.body);
        CHECK(reply.status == 422);
        CHECK(value(reply.body, "pointer") == one.pointer);
    }
    CHECK(session(other).status == 200);
    CHECK(server.post("/api/auth/password", change(kPassword, "a new password"), ann).status ==
          204);
    CHECK(session(ann).status == 200);
    CHECK(value(session(ann).body, "must_change_password") == "false");
    CHECK(session(other).status == 401);
    CHECK(server.login("ann", kPassword).status == 401);
    CHECK(server.login("ann", "a new password").status == 200);
}

TEST_CASE("a user sees the own sessions and ends one of them") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers ann = server.addUser("ann", admin);
    const Headers other = server.signIn("ann", kPassword);
    const std::string list = server.client().get("/api/auth/sessions", ann).body;
    INFO(list);
    CHECK(list.find("\"current\":true") != std::string::npos);
    const std::string id = value(server.client().get("/api/auth/sessions", other).body, "id");
    CHECK(server.client().send("DELETE", "/api/auth/sessions/" + id, "", admin).status == 404);
    std::vector<int> ended;
    for (const std::string& wanted : {std::string("none"), id})
        ended.push_back(
            server.client().send("DELETE", "/api/auth/sessions/" + wanted, "", ann).status);
    CHECK(ended == std::vector<int>{404, 204});
    const int open =
        static_cast<int>(server.client().get("/api/auth/session", ann).status == 200) +
        static_cast<int>(server.client().get("/api/auth/session", other).status == 200);
    CHECK(open == 1);
}

TEST_CASE("a token does what its scopes say and nothing else") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers ann = server.addUser("ann", admin);
    const std::string id = server.create("fails", ann);
    REQUIRE(server.stream(id, ann).back().name == "error");
    struct Case {
        const char* scope;
        int list, create, retry, users;
    };
    const std::vector<Case> cases{{"read", 200, 403, 403, 403},
                                  {"create", 403, 201, 403, 403},
                                  {"decide", 403, 403, 202, 403},
                                  {"admin", 403, 403, 403, 200}};
    for (const Case& one : cases) {
        INFO(one.scope);
        const bool is_admin = std::string(one.scope) == "admin";
        const Headers token =
            bearer(newToken(server, is_admin ? admin : ann, '"' + std::string(one.scope) + '"'));
        CHECK(server.client().get("/api/batches", token).status == one.list);
        CHECK(server.client().get(at(id, "/stream"), token).status == one.list);
        CHECK(server.post("/api/batches", R"({"pipeline":"fails"})", token).status == one.create);
        CHECK(server.post(at(id, "/retry"), "", token).status == one.retry);
        CHECK(server.client().get("/api/users", token).status == one.users);
        // Only a person manages the account.
        CHECK(server.client().get("/api/tokens", token).status == 403);
        CHECK(server.client().get("/api/auth/sessions", token).status == 403);
        CHECK(server.client().send("POST", "/api/auth/logout", "", token).status == 403);
        CHECK(
            server.post("/api/auth/password", change(kPassword, "a new password"), token).status ==
            403);
    }
}

TEST_CASE("nobody gives a token more rights than the own ones") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers viewer = server.addUser("vic", admin, "viewer");
    const Headers ann = server.addUser("ann", admin);
    for (const char* scope : {"create", "decide", "admin"}) {
        const std::string body = R"({"name":"t","scopes":[")" + std::string(scope) + "\"]}";
        CHECK(server.post("/api/tokens", body, viewer).status == 422);
    }
    CHECK(server.post("/api/tokens", R"({"name":"t","scopes":["admin"]})", ann).status == 422);
    for (const char* wrong :
         {R"({"scopes":["read"]})", R"({"name":"","scopes":["read"]})", R"({"name":"t"})",
          R"({"name":"t","scopes":[]})", R"({"name":"t","scopes":["write"]})",
          R"({"name":"t","scopes":"read"})", R"({"name":"t","scopes":["read"],"expires_days":0})",
          R"({"name":"t","scopes":["read"],"expires_days":1.5})"}) {
        const Reply reply = server.post("/api/tokens", wrong, ann);
        INFO(wrong << ' ' << reply.body);
        CHECK(reply.status == 422);
    }
    // The loss of a role takes effect at once.
    const Headers token = bearer(newToken(server, ann, R"("read","create")"));
    CHECK(server.client()
              .send("PATCH", "/api/users/ann", R"({"role":"viewer"})",
                    with(admin, {{"Content-Type", "application/json"}}))
              .status == 200);
    CHECK(server.post("/api/batches", R"({"pipeline":"fails"})", token).status == 403);
    CHECK(server.client().get("/api/batches", token).status == 200);
}

TEST_CASE("a removed token is invalid at once and closes its streams") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers token = bearer(newToken(server, admin, R"("read")"));
    const std::string id = server.create("waits", admin);
    const Headers ann = server.addUser("ann", admin);
    std::vector<StreamedEvent> seen;
    std::atomic<bool> begun = false;
    std::jthread watcher(
        [&] { seen = curlStream(server.client().url() + at(id, "/stream"), token, &begun); });
    REQUIRE(eventually([&] { return begun.load(); }));
    const std::string list = server.client().get("/api/tokens", admin).body;
    CHECK(list.find("sft_") == std::string::npos);
    CHECK(list.find("\"last_used_at\":null") == std::string::npos);
    const std::string name = "/api/tokens/" + value(list, "id");
    CHECK(server.client().send("DELETE", name, "", ann).status == 404);
    CHECK(server.client().send("DELETE", name, "", admin).status == 204);
    CHECK(server.client().get("/api/batches", token).status == 401);
    watcher.join();  // the batch itself never ends
    REQUIRE_FALSE(seen.empty());
    CHECK(seen.back().name == "auth_expired");
}

TEST_CASE("a token of the command line works with a running server, also for submit and watch") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const auto run = [&](const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment = {}) {
        return runProgram(site.folder.path(), arguments, environment);
    };
    const ProgramResult made =
        run({"token", "add", "admin", "--name", "ci", "--scope", "read,create", "--days", "30"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    const std::string text = made.out.substr(0, made.out.find('\n'));
    CHECK(server.client().get("/api/batches", bearer(text)).status == 200);
    site.folder.write("token", text + '\n');
    site.folder.write("a.bin", "bytes");
    const ProgramResult sent = run({"submit", "a.bin", "--pipeline", "keep", "--server",
                                    server.client().url(), "--token-file", "token"});
    INFO(sent.err);
    CHECK(sent.status == 0);
    const std::string list = server.client().get("/api/batches", admin).body;
    CHECK(run({"watch", value(list, "batch_id"), "--server", server.client().url()},
              {{"SHEAFLINE_TOKEN", text}})
              .status == 0);
    const ProgramResult listed = run({"token", "list", "--json"});
    CHECK(value(listed.out, "name") == "ci");
    CHECK(listed.out.find(text) == std::string::npos);
    CHECK(run({"token", "add", "nobody", "--name", "x"}).status == 2);
    CHECK(run({"token", "remove", "none"}).status == 2);
    CHECK(run({"token", "remove", value(listed.out, "id")}).status == 0);
    CHECK(server.client().get("/api/batches", bearer(text)).status == 401);
}

TEST_CASE("a first start on a taken port makes no admin, and a file can give the password") {
    const Site taken;
    const RunningServer server(taken);
    const Site site;
    const std::map<std::string, std::string> environment{{"SHEAFLINE_PIPELINES_DIR", "pipelines"}};
    const ProgramResult failed = runProgram(
        site.folder.path(), {"serve", "--listen", "127.0.0.1:" + server.port()}, environment);
    CHECK(failed.status == 2);
    CHECK(failed.out.find("password") == std::string::npos);
    CHECK(runProgram(site.folder.path(), {"user", "list", "--json"}).out.empty());

    site.folder.write("password", "qwertyuiop\n");
    std::map<std::string, std::string> with_file = environment;
    with_file["SHEAFLINE_ADMIN_PASSWORD_FILE"] = "password";
    const ProgramResult common =
        runProgram(site.folder.path(), {"serve", "--listen", "127.0.0.1:0"}, with_file);
    CHECK(common.status == 2);
    CHECK(common.err.find("admin-password-file: password: ") != std::string::npos);
    CHECK(runProgram(site.folder.path(), {"user", "list", "--json"}).out.empty());

    site.folder.write("password", "a password from a file\n");
    const RunningServer second(site, "0", {{"SHEAFLINE_ADMIN_PASSWORD_FILE", "password"}});
    CHECK(second.login("admin", "a password from a file").status == 200);
}
