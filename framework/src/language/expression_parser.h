// From the text of an expression to its tree. Private to Expression; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/expression.h"

namespace sheafline {

struct Expression::Node {
    enum class Op {
        literal,
        name,
        negate,
        both,
        either,
        equal,
        unequal,
        less,
        at_most,
        more,
        at_least,
        fallback,
        join
    };

    Op op = Op::literal;
    std::size_t offset = 0;
    std::size_t left = 0;  // index of an operand
    std::size_t right = 0;
    Kind kind = Kind::unknown;         // of a literal
    std::string text{};                // of a literal
    std::vector<std::string> parts{};  // of a name
};

// Operands come before their operators, the root last. Throws ExpressionError.
std::vector<Expression::Node> parseExpression(std::string_view text);

}  // namespace sheafline
