#include "language/formula.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/expression.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostFormulaBytes = 1000;
constexpr int kMostFormulaDepth = 32;
constexpr std::array<std::string_view, 6> kFunctions{"min", "max", "round", "floor", "ceil", "abs"};

bool isDecimalDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDecimalDigit(c) || c == '_';
}

// Computes while it reads. Both branches of a condition are computed, so that every error is found.
class Calculation {
 public:
    Calculation(std::string_view text, const FormulaNames& names) : text_(text), names_(names) {}

    double result() {
        if (text_.size() > kMostFormulaBytes)
            fail(0, "a formula of more than 1,000 bytes; shorten it");
        skipSpace();
        const double value = formula();
        if (at_ != text_.size()) unexpected("an operator such as + or <");
        if (!std::isfinite(value)) fail(0, "the formula divides by zero");
        return value;
    }

 private:
    [[noreturn]] static void fail(std::size_t offset, const std::string& message) {
        throw ExpressionError(offset, message);
    }

    [[noreturn]] void unexpected(const std::string& wanted) const {
        const std::string found =
            at_ == text_.size() ? "the end of the formula" : "'" + std::string(1, text_[at_]) + "'";
        fail(at_, "expected " + wanted + " but found " + found + "; correct the formula");
    }

    void skipSpace() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    }

    bool take(std::string_view token) {
        if (!text_.substr(at_).starts_with(token)) return false;
        at_ += token.size();
        skipSpace();
        return true;
    }

    double formula() {
        if (++depth_ > kMostFormulaDepth) fail(at_, "a formula nested deeper than 32; flatten it");
        double value = either();
        if (take("?")) {
            const double yes = formula();
            if (!take(":")) unexpected("':' and the value for the other case");
            const double no = formula();
            value = value != 0 ? yes : no;
        }
        --depth_;
        return value;
    }

    double either() {
        double value = both();
        while (take("||")) {
            const double right = both();
            value = value != 0 || right != 0 ? 1 : 0;
        }
        return value;
    }

    double both() {
        double value = compare();
        while (take("&&")) {
            const double right = compare();
            value = value != 0 && right != 0 ? 1 : 0;
        }
        return value;
    }

    double compare() {
        const double left = sum();
        // The longer token first: "<=" begins with "<".
        if (take("==")) return left == sum() ? 1 : 0;
        if (take("!=")) return left != sum() ? 1 : 0;
        if (take("<=")) return left <= sum() ? 1 : 0;
        if (take(">=")) return left >= sum() ? 1 : 0;
        if (take("<")) return left < sum() ? 1 : 0;
        if (take(">")) return left > sum() ? 1 : 0;
        return left;
    }

    double sum() {
        double value = product();
        for (;;) {
            if (take("+"))
                value += product();
            else if (take("-"))
                value -= product();
            else
                return value;
        }
    }

    double product() {
        double value = unary();
        for (;;) {
            if (take("*")) {
                value *= unary();
            } else if (take("/")) {
                const double below = unary();
                value = below != 0 ? value / below : std::numeric_limits<double>::quiet_NaN();
            } else {
                return value;
            }
        }
    }

    double unary() {
        if (++depth_ > kMostFormulaDepth) fail(at_, "a formula nested deeper than 32; flatten it");
        double value = 0;
        if (take("-"))
            value = -unary();
        else if (!text_.substr(at_).starts_with("!=") && take("!"))
            value = unary() == 0 ? 1 : 0;
        else
            value = primary();
        --depth_;
        return value;
    }

    double primary() {
        if (take("(")) {
            const double value = formula();
            if (!take(")")) unexpected("')'");
            return value;
        }
        if (at_ == text_.size() || !isNameCharacter(text_[at_])) unexpected("a value");
        const std::size_t start = at_;
        const bool is_number = isDecimalDigit(text_[at_]);
        while (at_ < text_.size() &&
               (isNameCharacter(text_[at_]) || (is_number && text_[at_] == '.')))
            ++at_;
        const std::string_view word = text_.substr(start, at_ - start);
        skipSpace();
        if (is_number) {
            const auto value = parseNumber(word);
            if (!value) fail(start, "'" + std::string(word) + "' is not a number");
            return *value;
        }
        if (std::ranges::find(kFunctions, word) != kFunctions.end()) return call(start, word);
        const auto named = names_.find(word);
        if (named != names_.end()) return named->second;
        std::vector<std::string> known(kFunctions.begin(), kFunctions.end());
        for (const auto& [name, value] : names_) known.push_back(name);
        fail(start,
             "unknown name '" + std::string(word) + "'; " + didYouMean(std::string(word), known));
    }

    double call(std::size_t start, std::string_view function) {
        if (!take("(")) unexpected("'(' after " + std::string(function));
        std::vector<double> values{formula()};
        while (take(",")) values.push_back(formula());
        if (!take(")")) unexpected("',' or ')'");
        // A comparison with a value that is not a number would drop it.
        for (const double value : values)
            if (std::isnan(value)) return value;
        if (function == "min") return std::ranges::min(values);
        if (function == "max") return std::ranges::max(values);
        if (values.size() > 1) fail(start, std::string(function) + " takes one value");
        if (function == "round") return std::round(values[0]);
        if (function == "floor") return std::floor(values[0]);
        return function == "ceil" ? std::ceil(values[0]) : std::abs(values[0]);
    }

    std::string_view text_;
    const FormulaNames& names_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

double evaluateFormula(std::string_view text, const FormulaNames& names) {
    return Calculation(text, names).result();
}

}  // namespace sheafline
