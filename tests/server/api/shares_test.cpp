// Batches that are shared: who sees them and decides about them, on every route that the server
// describes. A new route is tested automatically.
#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "decisions/review_site.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kMissing = "11111111-2222-4333-8444-555555555555";

// What only the owner and admins may do.
const std::vector<std::string> kOfOwners{
    "PATCH /api/batches/{id}",      "DELETE /api/batches/{id}",     "POST /api/batches/{id}/cancel",
    "POST /api/batches/{id}/retry", "GET /api/batches/{id}/shares", "PUT /api/batches/{id}/shares",
    "POST /api/batches/{id}/score"};
// What a person with whom the batch is shared may do, in addition to reading.
const std::vector<std::string> kOfReviewers{"POST /api/batches/{id}/sheets/{n}/fix",
                                            "POST /api/batches/{id}/decisions",
                                            "POST /api/batches/{id}/decisions/apply"};
const std::string kTicket = "POST /api/batches/{id}/stream-ticket";

bool includes(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

std::string nameOf(const DescribedOperation& operation) {
    return operation.method + ' ' + operation.pattern;
}

std::string pathOf(const DescribedOperation& operation, const std::string& batch) {
    std::string path = operation.pattern;
    for (const auto& [name, text] : std::map<std::string, std::string>{
             {"{id}", batch}, {"{n}", "1"}, {"{name}", "out.csv"}, {"{param}", "roster"}}) {
        if (const auto place = path.find(name); place != std::string::npos)
            path.replace(place, name.size(), text);
    }
    INFO("say in this test what replaces the params of " << operation.pattern);
    REQUIRE(path.find('{') == std::string::npos);
    return path;
}

// A server with an ended batch of `squares`, owned by alice.
struct Shared {
    Site site{};
    RunningServer server{site};
    Headers admin = server.signInAdmin();
    Headers alice = server.addUser("alice", admin);
    Headers bob = server.addUser("bob", admin, "reviewer");
    std::string id = server.create("squares", alice);

    Shared() { REQUIRE(server.stream(id, alice).back().name == "complete"); }
    Reply share(const std::string& json, const Headers& who) const {
        return server.client().send("PUT", at(id, "/shares"), json,
                                    with(who, {{"Content-Type", "application/json"}}));
    }
    Reply ask(const DescribedOperation& operation, const std::string& batch,
              const Headers& who) const {
        Headers headers = who;
        if (operation.pattern.starts_with("/api/uploads")) headers["Tus-Resumable"] = "1.0.0";
        if (!operation.body.empty()) headers["Content-Type"] = operation.body;
        if (operation.body == "application/offset+octet-stream") headers["Upload-Offset"] = "0";
        const std::string body = operation.body == "application/json" ? R"({"discard":true})" : "";
        return server.client().send(operation.method, pathOf(operation, batch), body, headers);
    }
    std::vector<DescribedOperation> ofBatches() const {
        std::vector<DescribedOperation> list;
        for (const DescribedOperation& operation : server.document().operations()) {
            if (operation.pattern.find("{id}") != std::string::npos) list.push_back(operation);
        }
        REQUIRE(list.size() > 20);
        return list;
    }
    int run(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment = {}) const {
        const auto result = runProgram(site.folder.path(), arguments, environment);
        INFO(result.err);
        return result.status;
    }
    std::string sharesOf() const { return server.client().get(at(id, "/shares"), alice).body; }
};

enum class Right { none, forbidden, allowed };

// What somebody with whom the batch is shared may do; `of_role` says which changes the role allows.
Right rightOf(const std::string& name, const std::string& role) {
    if (name.find("/api/uploads") != std::string::npos) return Right::none;
    if (includes(kOfOwners, name)) return Right::forbidden;
    if (includes(kOfReviewers, name)) return role == "viewer" ? Right::forbidden : Right::allowed;
    const bool reads = name.starts_with("GET ") || name == kTicket;
    INFO("say in this test who may call the new route " << name);
    REQUIRE(reads);
    return Right::allowed;
}

}  // namespace

TEST_CASE("on every route a shared batch is open as far as the role allows, and no further") {
    const Shared shared;
    const std::string role = GENERATE("viewer", "reviewer", "operator");
    const Headers eve = shared.server.addUser("eve", shared.admin, role);
    for (const DescribedOperation& operation : shared.ofBatches()) {
        const Reply reply = shared.ask(operation, shared.id, eve);
        INFO(role << " without a share: " << nameOf(operation) << ": " << reply.status);
        CHECK((reply.status == 404 || reply.status == 403));
        CHECK(reply.status == shared.ask(operation, kMissing, eve).status);
    }
    const bool everybody = GENERATE(false, true);
    const Reply done =
        shared.share(everybody ? R"({"everybody":true})" : R"({"users":["eve"],"everybody":false})",
                     shared.alice);
    INFO(done.body);
    REQUIRE(done.status == 200);
    for (const DescribedOperation& operation : shared.ofBatches()) {
        const std::string name = nameOf(operation);
        const Right right = rightOf(name, role);
        const Reply reply = shared.ask(operation, shared.id, eve);
        INFO(role << " with a share: " << name << ": " << reply.status << ' ' << reply.body);
        if (right == Right::none) CHECK((reply.status == 403 || reply.status == 404));
        if (right == Right::forbidden) CHECK(reply.status == 403);
        if (right == Right::allowed) {
            CHECK(reply.status != 401);
            CHECK(reply.status != 403);
            CHECK(reply.body.find("NO_SUCH_BATCH") == std::string::npos);
        }
    }
    REQUIRE(shared.share(R"({"users":[]})", shared.admin).status == 200);
    for (const char* what : {"", "/status", "/progress", "/stream", "/answers", "/decisions"})
        CHECK(shared.server.client().get(at(shared.id, what), eve).status == 404);
}

TEST_CASE("a reviewer creates no batch, and its token no more than that") {
    const Shared shared;
    const HttpClient& client = shared.server.client();
    CHECK(client
              .send("POST", "/api/batches?pipeline=keep", "x",
                    with(shared.bob, {{"Content-Type", "application/zip"}}))
              .status == 403);
    CHECK(shared.server.post("/api/tokens", R"({"name":"t","scopes":["create"]})", shared.bob)
              .status == 422);
    REQUIRE(shared.share(R"({"users":["bob"]})", shared.alice).status == 200);
    const auto token_of = [&](const std::string& scopes) {
        const Reply made = shared.server.post(
            "/api/tokens", R"({"name":"t","scopes":[)" + scopes + "]}", shared.bob);
        REQUIRE(made.status == 201);
        return Headers{{"Authorization", "Bearer " + value(made.body, "token")}};
    };
    const Headers reader = token_of(R"("read")");
    CHECK(client.get(at(shared.id, "/status"), reader).status == 200);
    CHECK(shared.server.post(at(shared.id, "/decisions"), "[]", reader).status == 403);
    const Headers decider = token_of(R"("read","decide")");
    CHECK(shared.server.post(at(shared.id, "/decisions"), "[]", decider).status != 403);
    CHECK(client.send("POST", at(shared.id, "/cancel"), "", decider).status == 403);
}

TEST_CASE("lists and searches show a shared batch to those with whom it is shared") {
    const Shared shared;
    const Headers viola = shared.server.addUser("viola", shared.admin, "viewer");
    const auto sees = [&](const Headers& who, const std::string& query) {
        return shared.server.client().get("/api/batches" + query, who).body.find(shared.id) !=
               std::string::npos;
    };
    CHECK_FALSE(sees(shared.bob, ""));
    REQUIRE(shared.share(R"({"users":["BOB"]})", shared.alice).status == 200);
    CHECK(shared.sharesOf() == R"({"users":["bob"],"everybody":false})");
    for (const std::string& query :
         {std::string(), "?q=" + shared.id.substr(0, 8), std::string("?sort=name"),
          std::string("?state=completed&sort=oldest")}) {
        CHECK(sees(shared.bob, query));
        CHECK_FALSE(sees(viola, query));
    }
    REQUIRE(shared.share(R"({"everybody":true})", shared.alice).status == 200);
    CHECK(sees(viola, ""));
    CHECK(sees(shared.bob, ""));
}

TEST_CASE("a wrong share names its place, and changes nothing") {
    const Shared shared;
    REQUIRE(shared.share(R"({"users":["bob"]})", shared.alice).status == 200);
    for (const auto& [body, place] :
         std::map<std::string, std::string>{{R"({"users":["bob","nobody-here"]})", "/users/1"},
                                            {R"({"users":["a b"]})", "/users/0"},
                                            {R"({"users":[7]})", "/users/0"},
                                            {R"({"users":"bob"})", "/users"},
                                            {R"({"everybody":"yes"})", "/everybody"},
                                            {R"({"user":["bob"]})", "/user"}}) {
        const Reply reply = shared.share(body, shared.alice);
        INFO(body << ": " << reply.body);
        CHECK(reply.status == 422);
        CHECK(value(reply.body, "pointer") == place);
    }
    CHECK(shared.share("[]", shared.alice).status == 400);
    CHECK(shared.sharesOf() == R"({"users":["bob"],"everybody":false})");
}

TEST_CASE("the end of a share closes the streams of those users alone") {
    const Shared shared;
    const RunningServer& server = shared.server;
    const Headers eve = server.addUser("eve", shared.admin, "viewer");
    const std::string id = server.create("waits", shared.alice);
    const auto share = [&](const std::string& json) {
        return server.client().send("PUT", at(id, "/shares"), json,
                                    with(shared.alice, {{"Content-Type", "application/json"}}));
    };
    REQUIRE(share(R"({"users":["bob","eve"]})").status == 200);
    struct Watch {
        std::atomic<bool> begun = false;
        std::vector<StreamedEvent> seen{};
        std::jthread thread{};
    };
    Watch of_bob;
    Watch of_eve;
    Watch of_alice;
    const auto begin = [&](Watch& watch, const Headers& who) {
        watch.thread = std::jthread([&] {
            watch.seen = curlStream(server.client().url() + at(id, "/stream"), who, &watch.begun);
        });
        REQUIRE(eventually([&] { return watch.begun.load(); }));
    };
    begin(of_bob, shared.bob);
    begin(of_eve, eve);
    begin(of_alice, shared.alice);
    SECTION("through the API") { REQUIRE(share(R"({"users":["eve"]})").status == 200); }
    SECTION("through a command beside the server") {
        REQUIRE(shared.run({"batches", "share", id, "--with", "eve"}) == 0);
    }
    SECTION("through the removal of the user") {
        REQUIRE(server.client().send("DELETE", "/api/users/bob", "", shared.admin).status == 204);
        CHECK(eventually([&] {
            return server.client().get(at(id, "/shares"), shared.alice).body ==
                   R"({"users":["eve"],"everybody":false})";
        }));
    }
    of_bob.thread.join();  // the batch itself does not end
    REQUIRE_FALSE(of_bob.seen.empty());
    CHECK(of_bob.seen.back().name == "auth_expired");
    CHECK(server.client().get(at(id, "/progress?after=0"), shared.bob).status >= 401);
    REQUIRE(server.client().send("POST", at(id, "/cancel"), "", shared.alice).status == 202);
    for (Watch* watch : {&of_eve, &of_alice}) {
        watch->thread.join();
        CHECK(watch->seen.back().name == "error");
    }
}

TEST_CASE(
    "shares are changed and shown on the command line, and leave entries in the audit trail") {
    const Shared shared;
    const std::string url = shared.server.client().url();
    shared.site.folder.write("token", shared.alice.at("Authorization").substr(7));
    CHECK(shared.run({"batches", "share", shared.id, "--with", "bob,alice", "--server", url,
                      "--token-file", "token"}) == 0);
    CHECK(shared.sharesOf() == R"({"users":["alice","bob"],"everybody":false})");
    CHECK(shared.run({"batches", "share", shared.id, "--with", "nobody-here"}) == 2);
    CHECK(shared.run({"batches", "share", shared.id}) == 2);
    CHECK(shared.run({"batches", "share", shared.id, "--nobody", "--everybody"}) == 2);
    CHECK(shared.run({"batches", "share", "no-such", "--everybody"}) == 2);
    CHECK(runProgram(shared.site.folder.path(), {"batches", "show", shared.id})
              .out.find("shared    with alice, bob\n") != std::string::npos);
    CHECK(shared.run({"batches", "share", shared.id, "--everybody"}) == 0);
    CHECK(shared.sharesOf() == R"({"users":[],"everybody":true})");
    CHECK(shared.run({"batches", "share", shared.id, "--nobody"}) == 0);
    const std::string trail = shared.server.client().get("/api/audit", shared.admin).body;
    CHECK(countOf(trail, R"("action":"batch_share")") == 3);
    for (const char* detail : {"with bob, alice", "with everybody", "with nobody"})
        CHECK(trail.find(detail) != std::string::npos);
}

TEST_CASE("a batch in a folder without a server is shared, and its removal removes the shares") {
    const Site site;
    const auto run = [&](const std::vector<std::string>& arguments) {
        return runProgram(site.folder.path(), arguments);
    };
    REQUIRE(run({"run", "pipelines/squares.yaml", "--batch-id", "b"}).status == 0);
    CHECK(run({"batches", "share", "b", "--with", "bob"}).status == 0);
    CHECK(run({"batches", "show", "b", "--json"}).out.find(R"("shares":{"users":["bob"])") !=
          std::string::npos);
}

TEST_CASE("a reviewer decides about a shared batch, and the trail has the reviewer's name") {
    const ReviewSite review(4, "hard");
    const Headers bob = review.server.addUser("bob", review.admin, "reviewer");
    CHECK(review.decide(review.doubts(), bob).status == 404);
    REQUIRE(review.server.client()
                .send("PUT", at(review.id, "/shares"), R"({"users":["bob"]})",
                      with(review.admin, {{"Content-Type", "application/json"}}))
                .status == 200);
    REQUIRE(review.decide(review.doubts(), bob).status == 201);
    CHECK(review.server.post(at(review.id, "/decisions/apply"), "", bob).status == 202);
    CHECK(review.server.stream(review.id, bob).back().name == "complete");
    CHECK(review.wrongAnswers().empty());
    CHECK(review.artifact("decisions.csv").find("bob") != std::string::npos);
}
