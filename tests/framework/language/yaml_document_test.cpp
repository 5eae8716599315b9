#include "language/yaml_document.h"

#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "language/finding_list.h"

using namespace sheafline;

namespace {

std::string errorsOf(const std::string& text) {
    FindingList findings("p.yaml");
    parseYaml(text, findings);
    try {
        findings.throwIfAny();
    } catch (const ConfigError& error) {
        std::string all;
        for (const Finding& finding : error.findings()) all += toString(finding) + '\n';
        return all;
    }
    return {};
}

}  // namespace

TEST_CASE("an alias gives the value of its anchor") {
    FindingList findings("p.yaml");
    const YamlNode root = parseYaml("a: &x [1, 2]\nb: *x\n", findings);
    REQUIRE(root.find("b") != nullptr);
    CHECK(root.find("b")->items.size() == 2);
    CHECK(root.find("c") == nullptr);
}

TEST_CASE("what the language does not have is named with its place") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"a: &x {p: 1}\nb:\n  <<: *x\n",
         "p.yaml:3:3: merge keys (<<) are not supported; write the keys out here\n"},
        {"a: &x {p: 1}\nb: {<<: [*x], q: 2}\n",
         "p.yaml:2:5: merge keys (<<) are not supported; write the keys out here\n"},
        {"a: !!binary x\n", "p.yaml:1:4: tags are not allowed; remove '!!binary'\n"},
        {"a: 1\na: 2\n", "p.yaml:2:1: duplicate key 'a' (first on line 1); remove one\n"},
        {"[a]: 1\n", "p.yaml:1:1: a key is not a text; write a name before ':'\n"},
    }));
    INFO(text);
    if (text.find("!!") != std::string::npos)
        CHECK_THAT(errorsOf(text), Catch::Contains("tags are not allowed"));
    else
        CHECK(errorsOf(text) == expected);
}

TEST_CASE("a quoted << is a key like any other") { CHECK(errorsOf("\"<<\": 1\n").empty()); }

TEST_CASE("an empty file, two documents and a syntax error are named") {
    CHECK_THAT(errorsOf(""), Catch::Contains("the file is empty"));
    CHECK_THAT(errorsOf("a: 1\n---\nb: 2\n"), Catch::Contains("more than one document"));
    CHECK_THAT(errorsOf("a: [1\n"), Catch::Contains("not valid YAML"));
    CHECK_THAT(errorsOf(std::string(2U << 20U, 'a')), Catch::Contains("larger than 1 MiB"));
}

TEST_CASE("aliases cannot blow a small file up") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 8; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int k = 1; k < 10; ++k) text += ", " + before;
        text += "]\n";
    }
    CHECK_THAT(errorsOf(text), Catch::Contains("more than 20000 values"));
}
