// Converts a pipeline's raw values to those of one batch. Most important: text from outside is
// data.
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "demo_plugins.h"
#include "pipeline/params/param_file.h"
#include "pipeline/pipeline_loader.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

Pipeline demo() {
    return loadPipeline(std::filesystem::path(SHEAFLINE_SOURCE_DIR) / "pipelines/omr-batch.yaml",
                        demoPlugins());
}

Pipeline parsed(const std::string& params, const std::string& file) {
    return parsePipeline("name: p\nparams: {" + params +
                             "}\nstages: [{id: csv, uses: csv, with: {file: \"" + file + "\"}}]\n",
                         "/etc/p.yaml", demoPlugins());
}

ExpressionScope scopeFor(const Pipeline& pipeline, ParamValues params) {
    ExpressionScope scope{.batch = {{"id", "b1"}, {"data_dir", "/data"}, {"pipeline", "p"}},
                          .stages = {{"a", {{"state", "completed"}, {"failed", "3"}}}}};
    scope.env = [](std::string_view name) -> std::optional<std::string> {
        if (name == "TRICKY") return "${{ secrets.key }}";
        return std::nullopt;
    };
    scope.secrets = [](std::string_view name) -> std::optional<std::string> {
        if (name == "key") return "s3cret";
        return std::nullopt;
    };
    scope.params = expandDefaults(pipeline, std::move(params), scope);
    return scope;
}

std::string fileOf(const Pipeline& pipeline, const std::map<std::string, std::string>& given) {
    const ExpressionScope scope = scopeFor(pipeline, resolveParams(pipeline, given, "/home", true));
    const ParamValues values = resolveValues(pipeline.stages.at(0).with, scope, "p.yaml");
    return values.contains("file") ? values.at("file").text : "left out";
}

}  // namespace

TEST_CASE("a default that uses batch values is evaluated for each batch") {
    const Pipeline pipeline = demo();
    const ParamValues params = resolveParams(pipeline, {{"input", "a.zip"}}, "/home/me", true);
    CHECK_FALSE(params.contains("database"));
    CHECK(params.at("input").text == "/home/me/a.zip");
    CHECK(params.at("workers").text == "0");
    const ExpressionScope scope = scopeFor(pipeline, params);
    CHECK(scope.params.at("database").text == "sqlite:/data/results.db");
    CHECK(resolveValues(pipeline.stages.at(5).with, scope, "p.yaml").at("url").text ==
          "sqlite:/data/results.db");
}

TEST_CASE("text from outside is never read as an expression") {
    const std::string attack = GENERATE("${{ secrets.key }}", "$${{ secrets.key }}",
                                        "$$${{ secrets.key }}", "${{", "}}", "' || true || '");
    const Pipeline pipeline =
        parsed("x: {type: string, default: '${{ env.NONE }}'}", "${{ params.x }}");
    CHECK(fileOf(pipeline, {{"x", attack}}) == attack);
    const Pipeline mixed = parsed("x: {type: string, default: d}", "a-${{ params.x }}-b");
    CHECK(fileOf(mixed, {{"x", attack}}) == "a-" + attack + "-b");
}

TEST_CASE("values from the environment are data, not expressions") {
    CHECK(fileOf(parsed("x: {type: string, default: '${{ env.TRICKY }}'}", "${{ params.x }}"),
                 {}) == "${{ secrets.key }}");
    CHECK(fileOf(parsed("", "${{ env.TRICKY }}"), {}) == "${{ secrets.key }}");
}

TEST_CASE("a secret is inserted, and a missing one is named without values") {
    CHECK(fileOf(parsed("", "${{ secrets.key }}"), {}) == "s3cret");
    CHECK_THROWS_WITH(fileOf(parsed("", "${{ secrets.other }}"), {}),
                      "p.yaml:3:44: file: secrets.other is not set; add it to the secrets of the "
                      "program");
}

TEST_CASE("a value keeps its dollar signs, and an empty result omits the option") {
    CHECK(fileOf(parsed("", "$${{ x }} $5 $$"), {}) == "${{ x }} $5 $$");
    CHECK(fileOf(parsed("x: {type: string}", "${{ params.x }}"), {}) == "left out");
    CHECK(fileOf(parsed("x: {type: string}", "a${{ params.x }}"), {}) == "a");
}

TEST_CASE("all wrong params are reported together") {
    CHECK_THROWS_WITH(
        resolveParams(demo(), {{"exm", "a"}, {"exam", "a b"}, {"workers", "-1"}}, "/", true),
        "pipeline omr-batch has no param 'exm'; did you mean 'exam'?\n"
        "input: this param is required; give it with --set input=VALUE (ZIP of scanned sheets)\n"
        "exam: 'a b' does not match its pattern; write a text that matches ^[A-Za-z0-9_-]{1,40}$\n"
        "workers: '-1' is too small; the least is 0");
}

TEST_CASE("paths and the operator's params cannot be set from outside") {
    const auto [name, value] = GENERATE(table<std::string, std::string>(
        {{"input", "/etc/passwd"}, {"database", "sqlite:x"}, {"workers", "9"}}));
    CHECK_THROWS_WITH(resolveParams(demo(), {{name, value}}, "/", false),
                      Catch::Contains(name + ": cannot be set over HTTP"));
}

TEST_CASE("a file param has the text of a stored file, or the path of the pipeline's own file") {
    const Pipeline pipeline = parsed("x: {type: file, default: list.csv}", "${{ params.x }}");
    const std::string stored = storedText({.sha256 = std::string(64, 'a'), .name = "my list.csv"});
    CHECK(resolveParams(pipeline, {{"x", stored}}, "/home", false).at("x").text == stored);
    CHECK(resolveParams(pipeline, {}, "/home", false).at("x").text ==
          (pipeline.file.parent_path() / "list.csv").string());
}

TEST_CASE("only a digest and a plain name are the text of a stored file") {
    const std::string digest = "sha256:" + std::string(64, '0');
    CHECK(storedFile(digest + " a b.csv").value().name == "a b.csv");
    for (const std::string& text :
         {std::string(), digest, digest + " ", digest + " ../x", digest + " a/b", digest + " .x",
          digest + "  \n", digest.substr(1) + " x", "sha256:" + std::string(64, 'g') + " x"}) {
        INFO(text);
        CHECK_FALSE(storedFile(text));
    }
}

TEST_CASE("the name of a file is safe below any folder and keeps its ending") {
    CHECK(safeFileName("C:\\lists\\a.csv", "roster") == "a.csv");
    CHECK(safeFileName("../..", "roster") == "roster");
    CHECK(safeFileName(".htaccess", "roster") == "roster");
    CHECK(safeFileName("a\nb.csv", "roster") == "ab.csv");
    CHECK(safeFileName("\xFF.csv", "roster") == "roster");
    CHECK(safeFileName(std::string(500, 'x') + ".csv", "roster") == std::string(196, 'x') + ".csv");
}

TEST_CASE("a condition compares by type") {
    const auto [condition, expected] = GENERATE(table<std::string, bool>({
        {"params.n == 10.0", true},
        {"params.n < 9", false},
        {"params.s == '10'", true},
        {"params.s == '10.0'", false},
        {"params.on && !false", true},
        {"params.on == false", false},
        {"stages.a.state == 'completed' && stages.a.failed <= 3", true},
        {"(false || params.on) && params.s != \"x\"", true},
        {"false && env.MISSING == 'x'", false},
        {"true || false && false", true},
        {"!true == false", true},
        {"'it''s' == \"it's\"", true},
    }));
    ExpressionScope scope{
        .params = {{"n", {.text = "10"}}, {"s", {.text = "10"}}, {"on", {.text = "true"}}},
        .stages = {{"a", {{"state", "completed"}, {"failed", "3"}}}}};
    CAPTURE(condition);
    CHECK(evaluateCondition(condition, scope) == expected);
}

TEST_CASE("a condition without a truth value is rejected with a suggestion") {
    CHECK_THROWS_WITH(evaluateCondition("params.s", {.params = {{"s", {.text = "password"}}}}),
                      "params.s is neither true nor false; compare it, as in params.s == 'text'");
}
