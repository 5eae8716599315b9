#include "language/expression.h"

#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

using namespace sheafline;

namespace {

ExpressionScope scope() {
    ExpressionScope scope;
    scope.params = {{"name", {.text = "math"}},
                    {"empty", {}},
                    {"count", {.text = "7"}},
                    {"yes", {.text = "true"}}};
    scope.batch = {{"id", "b-1"}, {"state", "failed"}};
    scope.stages = {
        {"read", {{"state", "completed"}, {"done", "40"}, {"total", "40"}, {"failed", "2"}}}};
    scope.env = [](std::string_view name) -> std::optional<std::string> {
        if (name == "SET") return "here";
        if (name == "BLANK") return "";
        return std::nullopt;
    };
    return scope;
}

std::string result(const std::string& text) { return Expression(text).evaluate(scope()); }

std::string findings(const std::string& text, const ExpressionNames& names) {
    std::string all;
    for (const auto& finding : Expression(text).check(names))
        all += std::to_string(finding.offset) + ": " + finding.message + '\n';
    return all;
}

}  // namespace

TEST_CASE("an expression gives the value that its grammar says") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"params.name", "math"},
        {"'it''s'", "it's"},
        {"stages.read.done", "40"},
        {"stages.read.done > 39", "true"},
        {"stages.read.failed == 2.0", "true"},
        {"stages.read.total != 7777", "true"},
        {"stages.read.state == 'completed' && !params.yes", "false"},
        {"false || 1 < 2 && true", "true"},
        {"(1 < 2) == true", "true"},
        {"'a' + 'b' + params.count", "ab7"},
        {"'a' + 'b' == 'ab'", "true"},
        {"env.SET ?? 'other'", "here"},
        {"env.MISSING ?? 'other'", "other"},
        {"env.BLANK ?? 'other'", "other"},
        {"params.empty ?? 'other'", "other"},
        {"env.MISSING ?? env.BLANK ?? 'last'", "last"},
        {"secrets.x ?? 'none' + '!'", "none!"},
        {"env.MISSING ?? 'x' == 'x'", "true"},
        {"env.MISSING ?? params.count > 6", "true"},
        {"'file-' + (env.MISSING ?? 'x')", "file-x"},
        {"batch.state", "failed"},
        {"1e+2 == 100", "true"},
    }));
    INFO(text);
    CHECK(result(text) == expected);
}

TEST_CASE("a value that is not set is an error that says how to set it") {
    CHECK_THROWS_WITH(result("env.MISSING"),
                      "env.MISSING is not set; set it in the environment of the program");
    CHECK_THROWS_WITH(result("env.MISSING ?? env.OTHER"), Catch::Contains("env.OTHER is not set"));
}

TEST_CASE("the right side of ?? is not looked at when the left one is set") {
    CHECK(result("env.SET ?? env.MISSING") == "here");
}

TEST_CASE("batch.state and joins are checked when the file is loaded") {
    ExpressionNames names{.roots = {"params", "batch", "stages", "env"},
                          .params = {{"n", ParamType::integer}, {"flag", ParamType::boolean}},
                          .stages = {"read"}};
    CHECK(findings("batch.state == 'failed'", names) ==
          "6: batch.state is only known in finally:; here, write stages.ID.state\n");
    names.batch_ended = true;
    CHECK(findings("batch.state == 'failed'", names).empty());
    CHECK(findings("params.n + 1", names) ==
          "9: + joins texts and does not add numbers; put quotes around one\n");
    CHECK(findings("'no. ' + params.n", names).empty());
    CHECK(findings("params.flag + 'x'", names) ==
          "12: + joins texts, not true and false; compare instead\n");
    CHECK(findings("stages.read.done ?? 'x' == 'y'", names).empty());
}

TEST_CASE("the kind of an expression with a fallback is known where both sides agree") {
    const ExpressionNames names{.roots = {"params", "env"},
                                .params = {{"n", ParamType::integer}, {"s", ParamType::string}}};
    CHECK(Expression("env.N ?? 4").kind(names) == Expression::Kind::number);
    CHECK(Expression("params.n ?? 4").kind(names) == Expression::Kind::number);
    CHECK(Expression("params.s ?? 4").kind(names) == Expression::Kind::unknown);
    CHECK(Expression("params.s + 'x'").kind(names) == Expression::Kind::text);
}

TEST_CASE("an expression that is too long, too deep or cut off is an error with its place") {
    CHECK_THROWS_AS(Expression(std::string(5000, ' ') + "1"), ExpressionError);
    CHECK_THROWS_AS(Expression(std::string(40, '!') + "true"), ExpressionError);
    for (const char* text : {"", "a.", "params.x ??", "'x' +", "?? 'x'", "1+", "params.x ? 'y'"}) {
        INFO(text);
        CHECK_THROWS_AS(Expression(text), ExpressionError);
    }
}
