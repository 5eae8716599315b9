#include "pipeline/pipeline_loader.h"

#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "demo_plugins.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

const std::filesystem::path kPipelines = std::filesystem::path(SHEAFLINE_SOURCE_DIR) / "pipelines";

std::string contentOf(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::string findingsOf(const std::string& text) {
    try {
        parsePipeline(text, "p.yaml", demoPlugins());
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "";
}

// One stage's `with`, on line 2.
std::string findingsOfExtract(const std::string& with) {
    return findingsOf("name: p\nstages: [{id: a, uses: extract, with: {archive: x.zip, " + with +
                      "}}]\n");
}

std::string whole(const Pipeline& pipeline) {
    std::ostringstream out;
    const auto values = [&](const RawValues& with) {
        for (const auto& [key, raw] : with) {
            out << " " << key << "=" << raw.value.text;
            for (const auto& item : raw.value.list) out << "," << item;
        }
        out << "\n";
    };
    out << pipeline.name << "|" << pipeline.description << "\n";
    for (const ParamSpec& p : pipeline.params)
        out << p.name << " " << toString(p.type) << " " << p.help << " " << p.required << " "
            << p.default_value.value_or("-") << " " << p.min << " " << p.max << " " << p.pattern
            << " " << static_cast<int>(p.scope) << "\n";
    for (const auto* section : {&pipeline.stages, &pipeline.finally})
        for (const PipelineStage& s : *section) {
            out << s.id << " " << s.uses << " if=" << s.condition << " needs=";
            for (const auto& need : s.needs) out << need << ",";
            out << " retry=" << s.retry.max_attempts << "/" << s.retry.initial.count() << "/"
                << s.retry.factor << "/" << s.retry.max_interval.count()
                << " timeout=" << s.timeout.count() << " skip=" << (s.skip ? s.skip->share : -1)
                << " weight=" << s.weight.value_or(-1);
            values(s.with);
        }
    for (const PipelineSink& s : pipeline.sinks) {
        out << s.uses;
        values(s.with);
    }
    return out.str();
}

}  // namespace

TEST_CASE("the YAML and the JSON form of a pipeline are the same value") {
    const Pipeline yaml = loadPipeline(kPipelines / "omr-batch.yaml", demoPlugins());
    const Pipeline json = loadPipeline(kPipelines / "omr-batch.json", demoPlugins());
    CHECK(whole(yaml) == whole(json));
    REQUIRE(yaml.stages.size() == 6);
    REQUIRE(yaml.finally.size() == 1);
    CHECK(yaml.stages[1].needs == std::vector<std::string>{"extract"});
    CHECK(yaml.stages[2].skip->share == 0.02);
    CHECK(yaml.stages[5].retry.max_attempts == 10);
    CHECK(yaml.stages[5].retry.initial == std::chrono::seconds(1));
    CHECK(yaml.finally[0].needs.empty());
}

TEST_CASE("every example of the language's page loads") {
    const std::string page =
        contentOf(std::filesystem::path(SHEAFLINE_SOURCE_DIR) / "docs/pipeline-language.md");
    const std::string fence = "```yaml\n";
    std::size_t examples = 0;
    for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
        at += fence.size();
        CHECK(findingsOf(page.substr(at, page.find("```", at) - at)) == "");
        ++examples;
    }
    CHECK(examples == 5);
}

TEST_CASE("all findings of a file are reported in one run, with place and remedy") {
    CHECK(findingsOf(R"(name: p
params:
  exam: {type: strin, default: demo}
stages:
  - {id: a, uses: extrac}
  - {id: a, uses: extract, with: {archive: x, max_byte: 3}}
  - {id: b, uses: collect, timeout: 30, needs: [c]}
  - {id: c, uses: csv, with: {file: "${{ params.exm }}.csv"}, needs: [b]}
stagess: []
)") == R"(p.yaml:3:16: type: 'strin' is not one of its choices; did you mean 'string'?
p.yaml:5:19: there is no stage 'extrac'; did you mean 'extract'?
p.yaml:6:10: duplicate id 'a' (first on line 5); rename one
p.yaml:6:47: unknown option 'max_byte' of extract; did you mean 'max_bytes'?
p.yaml:7:5: stages wait for each other: b → c → b; remove one of these needs
p.yaml:7:37: timeout: '30' is not a duration; write a duration such as 250ms, 30s, 5m, 2h or 1d, at most 36500d
p.yaml:8:49: unknown param 'exm'; did you mean 'exam'?
p.yaml:9:1: unknown key 'stagess'; did you mean 'stages'?)");
}

TEST_CASE("a wrong plugin option is reported at its place in the file") {
    const auto [with, expected] = GENERATE(table<std::string, std::string>({
        {"max_bytes: 20Gb",
         "p.yaml:2:67: max_bytes: '20Gb' is not a size; write a size such as 512, 20KiB, 4MB or "
         "1.5GiB"},
        {"max_bytes: 5", "p.yaml:2:67: max_bytes: '5' is too small; the least is 1KiB"},
        {"max_entries: \"5\"",
         "p.yaml:2:69: max_entries: '5' is a text in quotes; remove the quotes"},
        {"max_entries: 010",
         "p.yaml:2:69: max_entries: '010' is not a whole number; write a whole number such as 0, "
         "12 or -3"},
        {"strict: yes",
         "p.yaml:2:64: strict: 'yes' is neither true nor false; write true or false"},
        {"strict: [true]",
         "p.yaml:2:64: strict: expected one value, not a list; write true or false"},
        {"kinds: jpg",
         "p.yaml:2:63: kinds: expected a list, not one text; write a list such as [one, two]"},
        {"kinds: [a, B]",
         "p.yaml:2:63: kinds: 'B' does not match its pattern; write a text that matches ^[a-z]+$"},
        {"kinds: [a, b, c, d]", "p.yaml:2:63: kinds: a list of 4 is too long; the most is 3 items"},
        {"kinds: [no]",
         "p.yaml:2:64: kinds: 'no' is a number, date or truth value to YAML; put quotes around "
         "the text"},
        {"strict: {a: 1}", "p.yaml:2:64: strict is a mapping; write true or false"},
        {"strict: ", "p.yaml:2:64: strict has no value; write one or remove the key"},
        {"strict: \"${{ batch.id }}\"",
         "p.yaml:2:68: strict: the expression is not of type boolean; write true or false"},
    }));
    CHECK(findingsOfExtract(with) == expected);
}

TEST_CASE("dispatch passes unknown options to its processor") {
    const auto check = [](const std::string& with) {
        return findingsOf("name: p\nstages: [{id: a, uses: dispatch, with: {" + with + "}}]\n");
    };
    CHECK(check("processor: omr, template: t.yaml, threshold: 0.25").empty());
    CHECK(check("processor: omr, template: t.yaml, treshold: 0.25") ==
          "p.yaml:2:75: unknown option 'treshold' of dispatch with omr; did you mean "
          "'threshold'?");
    CHECK(check("processor: omr, threshold: 2") ==
          "p.yaml:2:10: option 'template' of dispatch with omr is missing; add it to with:\n"
          "p.yaml:2:68: threshold: '2' is too large; the most is 1");
    CHECK(check("processor: orm, template: t.yaml") ==
          "p.yaml:2:52: there is no processor 'orm'; did you mean 'omr'?");
}

TEST_CASE("an expression is checked when its file is loaded") {
    const auto [expression, expected] = GENERATE(table<std::string, std::string>({
        {"params.n > 3 && stages.a.state == 'completed'", ""},
        {"(!params.flag) || params.s != 'it''s'", ""},
        {"env.HOME == '/root'", ""},
        {"true", ""},
        {"params.s > 3", "8:18: expected a number but found a text; correct the expression"},
        {"params.n == 'x'", "8:18: expected a number but found a text; correct the expression"},
        {"params.n", "8:9: if: is neither true nor false; compare it, as in params.exam == 'demo'"},
        {"params.m == 1", "8:16: unknown param 'm'; known are 'flag', 'n', 's'"},
        {"stages.c.state == 'x'",
         "8:16: stage 'c' may not have ended yet; add it to needs: or name an earlier one"},
        {"stages.x.state == 'x'", "8:16: unknown stage 'x'; the only one is 'a'"},
        {"stages.a.stat == 'x'", "8:18: unknown value of a stage 'stat'; did you mean 'state'?"},
        {"param.n == 1", "8:9: unknown name 'param'; did you mean 'params'?"},
        {"params.n ==",
         "8:20: expected a value but found the end of the expression; correct the expression"},
        {"params.n = 1",
         "8:18: expected an operator such as == or && but found '='; correct the expression"},
        {"(params.n == 1",
         "8:23: expected ')' but found the end of the expression; correct the expression"},
        {"params.n == 0x1", "8:21: '0x1' is not a number; put quotes around a text"},
        {"params.s == 'x", "8:21: a text without its closing quote; add the quote"},
        {"env.MODE ?? 'demo' == 'demo'", ""},
        {"params.s + 'a' == 'xa'", ""},
        {"params.n + 1 == '21'",
         "8:18: + joins texts and does not add numbers; put quotes around one"},
        {"params.flag + 'x' == 'y'", "8:21: + joins texts, not true and false; compare instead"},
        {"batch.state == 'failed'",
         "8:15: batch.state is only known in finally:; here, write stages.ID.state"},
        {"${{ params.nn == 1 }}", "8:20: unknown param 'nn'; did you mean 'n'?"},
    }));
    const std::string text =
        "name: p\n"
        "params: {n: {type: integer, default: 1}, flag: {type: boolean, default: true},\n"
        "         s: {type: string, default: x}}\n"
        "stages:\n"
        "  - {id: a, uses: collect}\n"
        "  - id: b\n"
        "    uses: collect\n"
        "    if: " +
        expression + "\n  - {id: c, uses: collect}\n";
    CAPTURE(expression);
    CHECK(findingsOf(text) == (expected.empty() ? "" : "p.yaml:" + expected));
}

TEST_CASE("a column is exact inside folded, escaped and accented scalars") {
    const auto line = [](const std::string& value) {
        return findingsOf("name: p\nstages:\n- id: a\n  uses: csv\n  with:\n    file: " + value +
                          "\n");
    };
    const std::string message =
        ": unknown value of batch 'nam'; known are 'data_dir', 'id', 'pipeline'";
    CHECK(line("x-${{ batch.nam }}") == "p.yaml:6:23" + message);
    CHECK(line("\"ä-${{ batch.nam }}\"") == "p.yaml:6:24" + message);
    CHECK(line("\"\\t-${{ batch.nam }}\"") == "p.yaml:6:25" + message);
    CHECK(line(">\n      a\n      b-${{ batch.id }}${{ batch.nam }}") == "p.yaml:8:34" + message);
}

TEST_CASE("a hostile file is rejected with its place and a remedy") {
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'j'; ++c) {
        const std::string before = "*" + std::string(1, static_cast<char>(c - 1));
        bomb += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 10; ++i) bomb += before + (i < 9 ? ", " : "]\n");
    }
    const std::string big(600'000, 'x');
    const auto [text, expected] = GENERATE_COPY(table<std::string, std::string>({
        {"", "p.yaml:1:1: the file is empty; write a pipeline with name: and stages:"},
        {std::string("name: a\0b", 9), "p.yaml:1:8: a control character; remove it"},
        {"name: \xff\xfe", "p.yaml:1:7: not UTF-8; save the file as UTF-8"},
        {"name: \"\\u0000\"", "a control character; remove it"},
        {std::string(1'100'000, 'x'), "p.yaml: larger than 1 MiB; split the file"},
        {"[]", "p.yaml:1:1: the file is not a mapping; write keys and values, such as name: demo"},
        {"x", "p.yaml:1:1: the file is not a mapping"},
        {"name: p\nname: q", "p.yaml:2:1: duplicate key 'name' (first on line 1); remove one"},
        {"name: !!str p", "tags are not allowed; remove 'tag:yaml.org,2002:str'"},
        {"? [a]\n: b", "a key is not a text; write a name before ':'"},
        {"name: *x", "not valid YAML:"},
        {"a: &a [*a]", "p.yaml:1:8: an alias that contains itself; write the value out"},
        {bomb, "more than 20000 values with aliases expanded; split the file"},
        {"a: &a " + big + "\nb: [*a, *a, *a, *a, *a, *a, *a]",
         "more than 4 MiB of text with aliases expanded; split the file"},
        {"a: " + std::string(40, '[') + std::string(40, ']'), "nested deeper than 32; flatten it"},
        {"a: " + std::string(100'000, '['), "nested deeper than 32; flatten it"},
        {"a: " + std::string(100'000, '{'), "nested deeper than 32; flatten it"},
        {"name: p\n---\nname: q",
         "p.yaml:1:1: more than one document in the file; remove what follows '---'"},
        {"name: p\nstages: [{id: a", "not valid YAML:"},
        {"name: [p\n", "not valid YAML:"},
        {"name: 010\nstages: [{id: a, uses: collect}]",
         "p.yaml:1:7: name: '010' is a number, date or truth value to YAML; put quotes around the "
         "text"},
        {"name: p\nstages: []", "p.yaml:2:9: stages is empty; add a stage"},
        {"name: p\nstages: {}", "p.yaml:2:9: stages is not a list;"},
        {"name: p\nstages: [1, [], ~, {}]", "p.yaml:2:10: stages[1] is not a mapping;"},
        {"name: p\nstages: [{id: a, uses: collect, needs: a}]", "needs is not a list;"},
        {"name: p\nstages: [{id: a, uses: collect, needs: [a]}]", "needs itself; remove it"},
        {"name: p\nstages: [{id: a, uses: collect, retry: {max_attempts: 0}}]",
         "max_attempts: '0' is too small; the least is 1"},
        {"name: p\nstages: [{id: a, uses: collect, weight: -1}]",
         "weight: '-1' is too small; the least is 0"},
        {"name: p\nstages: [{id: a, uses: collect, skip: {limit: 3}}]",
         "limit: '3' is not a percentage;"},
        {"name: p\nparams: {a: {type: integer, min: 5, max: 2}}\nstages: [{id: a, uses: collect}]",
         "min 5 is above max 2; swap them"},
        {"name: p\nparams: {a: {type: string, pattern: '('}}\nstages: [{id: a, uses: collect}]",
         "the pattern is wrong at character"},
        {"name: p\nparams: {a: {type: integer, default: x}}\nstages: [{id: a, uses: collect}]",
         "p.yaml:2:38: a: 'x' is not a whole number;"},
        {"name: p\nparams: {a: {type: string, default: '${{ secrets.x }}'}}\n"
         "stages: [{id: a, uses: collect}]",
         "p.yaml:2:42: secrets cannot be used here; known are 'batch', 'env'"},
    }));
    CHECK_THAT(findingsOf(text), Catch::Contains(expected));
}

TEST_CASE("a mutated pipeline file is either loaded or rejected") {
    const std::string original = contentOf(kPipelines / "omr-batch.yaml");
    const PluginCatalog plugins = demoPlugins();
    std::mt19937 random(20251120);  // NOLINT(*-msc51-cpp) the same mutations in every run
    const std::string bytes = "{}[]:,-&*!|>'\"%@`#?\n \t$0aZ~<\\.\xc3\xa4";
    const auto below = [&](std::size_t n) { return random() % n; };
    std::size_t rejected = 0;
    constexpr std::size_t kRounds = 3000;
    for (std::size_t round = 0; round < kRounds; ++round) {
        std::string text = original;
        for (std::size_t edits = 1 + below(6); edits > 0 && !text.empty(); --edits) {
            const std::size_t at = below(text.size());
            switch (below(4)) {
                case 0:
                    text[at] = bytes[below(bytes.size())];
                    break;
                case 1:
                    text.insert(at, 1, bytes[below(bytes.size())]);
                    break;
                case 2:
                    text.erase(at, 1 + below(40));
                    break;
                default:
                    text.insert(at, text.substr(below(text.size()), below(60)));
            }
        }
        try {
            parsePipeline(text, "p.yaml", plugins);
        } catch (const ConfigError& error) {
            ++rejected;
            REQUIRE_FALSE(error.findings().empty());
        }
    }
    CHECK(rejected > kRounds / 2);
}

TEST_CASE("a missing pipeline file is reported as missing") {
    CHECK_THROWS_WITH(loadPipeline("missing.yaml", demoPlugins()),
                      "missing.yaml: cannot be read: No such file or directory; check the path of "
                      "the pipeline");
    CHECK_THROWS_WITH(loadPipeline("/", demoPlugins()), Catch::Contains("this is a folder"));
}
