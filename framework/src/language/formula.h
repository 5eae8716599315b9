// Arithmetic with named numbers: the points of an answer that is partly right. The operators are
// those of an Expression, with numbers in the place of texts:
//
//     formula  := either [ "?" formula ":" formula ]
//     either   := both { "||" both }
//     both     := compare { "&&" compare }              true is 1, false is 0
//     compare  := sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum ]
//     sum      := product { ("+" | "-") product }
//     product  := unary { ("*" | "/") unary }
//     unary    := ("-" | "!") unary | primary
//     primary  := number | name | function "(" formula { "," formula } ")" | "(" formula ")"
//     function := "min" | "max" | "round" | "floor" | "ceil" | "abs"
//
// Pure; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sheafline {

using FormulaNames = std::map<std::string, double, std::less<>>;

// Throws ExpressionError (expression.h) if the text is no formula, names something unknown, or
// gives no finite number. At most 1,000 bytes.
double evaluateFormula(std::string_view text, const FormulaNames& names);

}  // namespace sheafline
