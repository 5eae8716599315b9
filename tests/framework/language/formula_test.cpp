// Formulas of keys: arithmetic with names, and what is rejected.
#include "language/formula.h"

#include <catch2/catch.hpp>

#include "language/expression.h"

using namespace sheafline;

TEST_CASE("a formula computes with names, functions and conditions") {
    const FormulaNames names{{"right", 2}, {"wrong", 1}, {"points", 3}};
    const auto [formula, value] = GENERATE(table<std::string, double>({
        {"right-wrong", 1},
        {"points * max(0, right - wrong) / 2", 1.5},
        {"-(right + wrong) * 2", -6},
        {"wrong > 0 ? 0 : points", 0},
        {"right >= 2 && wrong == 1 ? 5 : 6", 5},
        {"right < 2 || !wrong ? 5 : 6", 6},
        {"wrong == 0 ? 1 / (wrong - 1) : 7", 7},
        {"round(2.4) + floor(2.9) + ceil(2.1) + abs(-1)", 8},
        {"min(right, wrong, 0.5)", 0.5},
        {"1 - 2 - 3", -4},
        {"8 / 4 / 2", 1},
        {" 2 ", 2},
    }));
    INFO(formula);
    CHECK(evaluateFormula(formula, names) == Approx(value));
}

TEST_CASE("a formula with a mistake is rejected with its place") {
    const auto [formula, offset, told] = GENERATE(table<std::string, std::size_t, std::string>({
        {"rihgt", 0, "unknown name 'rihgt'"},
        {"right +", 7, "expected a value but found the end of the formula"},
        {"right 2", 6, "expected an operator"},
        {"(right", 6, "expected ')'"},
        {"1.2.3", 0, "'1.2.3' is not a number"},
        {"max(1", 5, "expected ',' or ')'"},
        {"round(1, 2)", 0, "round takes one value"},
        {"1 / 0", 0, "divides by zero"},
        {"right ? 1", 9, "expected ':'"},
        {"", 0, "expected a value"},
        {"1e999", 0, "is not a number"},
        {std::string(1001, '1'), 0, "more than 1,000 bytes"},
        {std::string(100, '('), 31, "nested deeper than 32"},
        {std::string(100, '-') + "1", 31, "nested deeper than 32"},
    }));
    INFO(formula);
    try {
        evaluateFormula(formula, {{"right", 1}});
        FAIL("it was accepted");
    } catch (const ExpressionError& error) {
        CHECK_THAT(error.what(), Catch::Contains(told));
        if (offset != 31) CHECK(error.offset() == offset);
    }
}
