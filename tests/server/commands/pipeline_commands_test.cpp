// Commands for people who write pipelines: graph, validate --environment, and the schema.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

constexpr const char* kPipeline = R"(
name: branches
stages:
  - {id: end, uses: probe}
  - {id: left, uses: probe, needs: [end], if: "${{ params.on }}"}
  - {id: right, uses: probe, needs: [end]}
  - {id: join, uses: probe, needs: [left, right]}
params:
  "on": {type: boolean, default: true}
finally:
  - {id: tidy, uses: probe}
sinks:
  - {uses: jsonl, with: {file: events.jsonl}}
)";

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string graphOf(const TemporaryFolder& folder, const std::string& format) {
    folder.write("p.yaml", kPipeline);
    const auto result = runProgram(folder.path(), {"graph", "p.yaml", "--format", format});
    INFO(result.err);
    CHECK(result.status == 0);
    return result.out;
}

// The paths of properties without a description, below `schema`.
void addUndescribed(const Poco::Dynamic::Var& schema, const std::string& path,
                    std::vector<std::string>& found) {
    if (schema.type() == typeid(Array::Ptr)) {
        const auto list = schema.extract<Array::Ptr>();
        for (unsigned i = 0; i < list->size(); ++i)
            addUndescribed(list->get(i), path + "/" + std::to_string(i), found);
    }
    if (schema.type() != typeid(Object::Ptr)) return;
    const auto object = schema.extract<Object::Ptr>();
    for (const auto& [key, value] : *object) {
        addUndescribed(value, path + "/" + key, found);
        if (key != "properties" || value.type() != typeid(Object::Ptr)) continue;
        for (const auto& [name, property] : *value.extract<Object::Ptr>()) {
            const auto schema_of = property.extract<Object::Ptr>();
            // Conditions ("uses is extract") repeat properties that are described elsewhere.
            const bool repeats =
                schema_of->has("const") || (name == "with" && schema_of->size() > 2);
            if (!repeats && !schema_of->has("description")) found.push_back(path + "/" + name);
        }
    }
}

}  // namespace

TEST_CASE("graph shows what each stage needs") {
    const TemporaryFolder folder;
    CHECK(graphOf(folder, "text") ==
          "branches\n  end (probe)\n  left (probe) after end, if params.on\n"
          "  right (probe) after end\n  join (probe) after left, right\n"
          "  tidy (probe) at the end in any case\n  events to jsonl\n");
    CHECK(graphOf(folder, "mermaid") ==
          "flowchart TD\n  s0[\"end (probe)\"]\n  s1[\"left (probe)\"]\n"
          "  s0 -->|\"if params.on\"| s1\n  s2[\"right (probe)\"]\n  s0 --> s2\n"
          "  s3[\"join (probe)\"]\n  s1 --> s3\n  s2 --> s3\n  s4[\"tidy (probe)\"]\n"
          "  s3 -.-> s4\n");
    const std::string dot = graphOf(folder, "dot");
    CHECK(holds(dot, "  \"end\" -> \"left\" [label=\"if params.on\"];\n"));
    CHECK(holds(dot, "  \"join\" -> \"tidy\" [style=dashed];\n"));
    const auto installed = runProgram(folder.path(), {"graph", "omr-batch"});
    CHECK(holds(installed.out, "  csv (csv) after collect\n"));
}

TEST_CASE("Graphviz accepts the graph of every shipped pipeline") {
    if (std::system("command -v dot > /dev/null") != 0) {
        WARN("skipped: graphviz is not installed");
        return;
    }
    const TemporaryFolder folder;
    for (const char* name : {"omr-batch", "omr-exam"}) {
        folder.write("g.dot", runProgram(folder.path(), {"graph", name, "--format", "dot"}).out);
        const std::string command =
            "dot -Tplain '" + (folder / "g.dot").string() + "' > /dev/null 2>&1";
        CHECK(std::system(command.c_str()) == 0);
    }
}

TEST_CASE("validate --environment reports everything that a batch lacks here") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: p\nparams:\n  input: {type: path, required: true}\nstages:\n"
                 "  - {id: extract, uses: extract, with: {archive: \"${{ params.input }}\"}}\n"
                 "  - {id: read, uses: dispatch, with: {processor: omr, template: no.yaml}}\n"
                 "  - {id: collect, uses: collect}\n"
                 "  - {id: load, uses: db_load, with: {table: t, url: "
                 "\"postgresql://u:${{ secrets.DB }}@127.0.0.1:1/d\"}}\n");
    const std::vector<std::string> arguments{"validate", "p.yaml", "--environment", "--input",
                                             "scans.zip"};
    const auto lacking =
        runProgram(folder.path(), arguments, {{"SHEAFLINE_REDIS", "redis://127.0.0.1:1"}});
    INFO(lacking.out << lacking.err);
    CHECK(lacking.status == 2);
    CHECK(holds(lacking.out, "error: secret: "));
    CHECK(holds(lacking.out, "SHEAFLINE_SECRET_DB"));
    CHECK(holds(lacking.out, "error: file input: NOT_FOUND"));
    CHECK(holds(lacking.out, "error: stage read (dispatch): "));
    CHECK(holds(lacking.out, "error: Redis redis://127.0.0.1:1"));
    CHECK(holds(lacking.out, "REDIS_REFUSED"));
    CHECK(holds(lacking.err, "checks failed"));
    CHECK_FALSE(std::filesystem::exists(folder / "sheafline-data"));

    folder.write("scans.zip", "x");
    const auto down = runProgram(folder.path(), arguments, {{"SHEAFLINE_SECRET_DB", "hush-hush"}});
    INFO(down.out);
    CHECK(holds(down.out, "ok: secrets"));
    CHECK(holds(down.out, "ok: file input"));
    CHECK(holds(down.out, "error: stage load (db_load): SINK_UNAVAILABLE"));
    CHECK_FALSE(holds(down.out + down.err, "hush-hush"));
}

TEST_CASE("validate --environment finds nothing wrong where a batch can run") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "1", "--out", "s.zip"}).status == 0);
    const auto result = runProgram(folder.path(), {"validate", "omr-batch", "--environment",
                                                   "--input", "s.zip", "--set", "exam=math"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(countOf(result.out, "ok: ") >= 8);
    CHECK_FALSE(holds(result.out, "error"));
    CHECK_FALSE(std::filesystem::exists(folder / "sheafline-data"));
    const auto missing = runProgram(folder.path(), {"validate", "omr-batch", "--environment"});
    CHECK(missing.status == 2);
    CHECK(holds(missing.err, "input"));
}

TEST_CASE("every key of the schema of pipelines has a description") {
    const TemporaryFolder folder;
    const std::string text =
        runProgram(folder.path(), {"schema"}, {{"SHEAFLINE_PLUGIN_PATH", ""}}).out;
    std::vector<std::string> undescribed;
    addUndescribed(Poco::JSON::Parser().parse(text), "", undescribed);
    CHECK(undescribed == std::vector<std::string>{});
    CHECK(countOf(text, "\"description\"") > 100);
}
