// Splits a value of a pipeline file into plain text and the expressions in ${{ }}. `$${{` is a
// plain `${{`. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/expression.h"

namespace sheafline {

struct TemplatePart {
    std::string text{};
    bool is_expression = false;
    std::size_t offset = 0;  // in the value, of the expression itself
};

// Throws ExpressionError where a ${{ has no }}.
std::vector<TemplatePart> splitTemplate(std::string_view value);
bool hasExpression(const std::vector<TemplatePart>& parts);
// The value is one expression and nothing else.
bool isExpression(const std::vector<TemplatePart>& parts);
// The value with its expressions evaluated once: their results are not evaluated again. Throws
// ExpressionError or ConfigError.
std::string expand(const std::vector<TemplatePart>& parts, const ExpressionScope& scope);

}  // namespace sheafline
