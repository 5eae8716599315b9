#include "decisions/waiting_batch.h"

#include <catch2/catch.hpp>

namespace sheafline::test {

std::string reviewedPipeline(const std::string& more, const std::string& last) {
    return R"(
name: reviewed
params:
  input: {type: path, required: true}
  database: {type: string, default: "sqlite:${{ batch.data_dir }}/results.db", scope: operator}
)" + more +
           R"(
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - id: process
    uses: dispatch
    with: {processor: omr, template: ")" SHEAFLINE_SOURCE_DIR
           R"(/pipelines/templates/demo-sheet.yaml"}
  - {id: collect, uses: collect}
  - {id: lines, uses: jsonl, with: {file: demo.jsonl}}
  - {id: csv, uses: csv, needs: [collect], with: {file: demo.csv}}
)" + last + R"(
finally:
  - {id: cleanup, uses: cleanup}
)";
}

Waiting::Waiting(const std::string& more, const std::string& last,
                 const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
    site.folder.write("pipelines/reviewed.yaml", reviewedPipeline(more, last));
    const auto made = runProgram(
        site.folder.path(), {"sample", "--sheets", "4", "--profile", "hard", "--out", "b.zip"});
    REQUIRE(made.status == 0);
    start(arguments, environment);
    const Reply created =
        server->client().send("POST", "/api/batches?pipeline=reviewed", site.folder.read("b.zip"),
                              with(admin, {{"Content-Type", "application/zip"}}));
    INFO(created.body);
    REQUIRE(created.status == 201);
    id = value(created.body, "batch_id");
    REQUIRE(server->waitForStage(id, "reviewing", admin));
}

void Waiting::start(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment) {
    server.reset();
    server = std::make_unique<RunningServer>(site, port_, environment, arguments);
    port_ = server->port();
    if (password_.empty()) password_ = server->firstPassword();
    admin = server->signIn("admin", password_);
}

std::string Waiting::get(const std::string& what) const {
    return server->client().get(at(id, what), admin).body;
}

int Waiting::post(const std::string& what, const std::string& json) const {
    return server->post(at(id, what), json, admin).status;
}

void Waiting::confirmAll() const {
    std::string json = "[";
    const auto answers = objectOf(get("/answers?state=doubtful&limit=1000"))->getArray("items");
    for (const auto& item : *answers) {
        const auto answer = item.extract<Poco::JSON::Object::Ptr>();
        json += (json.size() > 1 ? "," : "") + std::string(R"({"sheet":)") +
                answer->getValue<std::string>("sheet") + R"(,"field":")" +
                answer->getValue<std::string>("field") + R"(","confirm":true})";
    }
    REQUIRE(post("/decisions", json + "]") == 201);
}

Doubt Waiting::firstDoubt() const {
    const auto first = objectOf(get("/answers?state=doubtful"))->getArray("items")->getObject(0);
    return {.sheet = first->getValue<int>("sheet"), .field = first->getValue<std::string>("field")};
}

}  // namespace sheafline::test
