#include "language/expression_parser.h"

#include <array>
#include <utility>

#include "base/units.h"

namespace sheafline {

namespace {

using Node = Expression::Node;
using Op = Node::Op;
using Kind = Expression::Kind;

constexpr std::size_t kMostExpressionBytes = 4096;
constexpr int kMostExpressionDepth = 32;

bool isWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}
bool startsWord(char c) { return isWordCharacter(c) && c != '-' && (c < '0' || c > '9'); }

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::vector<Node> parse() {
        if (text_.size() > kMostExpressionBytes)
            throw ExpressionError(0, "an expression of more than 4096 bytes; shorten it");
        skipSpace();
        if (atEnd())
            throw ExpressionError(at_, "an empty expression; name a value, such as params.input");
        either();
        if (!atEnd()) unexpected("an operator such as == or &&");
        return std::move(nodes_);
    }

 private:
    bool atEnd() const { return at_ == text_.size(); }
    char peek() const { return atEnd() ? '\0' : text_[at_]; }

    void skipSpace() {
        while (!atEnd() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
            ++at_;
    }

    bool take(std::string_view token) {
        if (!text_.substr(at_).starts_with(token)) return false;
        at_ += token.size();
        skipSpace();
        return true;
    }

    [[noreturn]] void unexpected(const std::string& wanted) const {
        const std::string found =
            atEnd() ? "the end of the expression" : "'" + std::string(1, peek()) + "'";
        throw ExpressionError(
            at_, "expected " + wanted + " but found " + found + "; correct the expression");
    }

    std::size_t add(Node node) {
        nodes_.push_back(std::move(node));
        return nodes_.size() - 1;
    }

    std::size_t either() {
        std::size_t left = both();
        for (std::size_t offset = at_; take("||"); offset = at_)
            left = add({.op = Op::either, .offset = offset, .left = left, .right = both()});
        return left;
    }

    std::size_t both() {
        std::size_t left = compare();
        for (std::size_t offset = at_; take("&&"); offset = at_)
            left = add({.op = Op::both, .offset = offset, .left = left, .right = compare()});
        return left;
    }

    std::size_t compare() {
        // The longer token first: "<=" begins with "<".
        static constexpr std::array<std::pair<std::string_view, Op>, 6> kTokens{
            {{"==", Op::equal},
             {"!=", Op::unequal},
             {"<=", Op::at_most},
             {">=", Op::at_least},
             {"<", Op::less},
             {">", Op::more}}};
        const std::size_t left = fallback();
        const std::size_t offset = at_;
        for (const auto& [token, op] : kTokens)
            if (take(token))
                return add({.op = op, .offset = offset, .left = left, .right = fallback()});
        return left;
    }

    std::size_t fallback() {
        std::size_t left = join();
        for (std::size_t offset = at_; take("??"); offset = at_)
            left = add({.op = Op::fallback, .offset = offset, .left = left, .right = join()});
        return left;
    }

    std::size_t join() {
        std::size_t left = unary();
        for (std::size_t offset = at_; take("+"); offset = at_)
            left = add({.op = Op::join, .offset = offset, .left = left, .right = unary()});
        return left;
    }

    std::size_t unary() {
        const std::size_t offset = at_;
        if (++depth_ > kMostExpressionDepth)
            throw ExpressionError(offset, "an expression nested deeper than 32; flatten it");
        std::size_t node = 0;
        if (!text_.substr(at_).starts_with("!=") && take("!"))
            node = add({.op = Op::negate, .offset = offset, .left = unary()});
        else
            node = primary();
        --depth_;
        return node;
    }

    std::size_t primary() {
        if (take("(")) {
            const std::size_t node = either();
            if (!take(")")) unexpected("')'");
            return node;
        }
        const char c = peek();
        if (c == '\'' || c == '"') return quoted(c);
        if ((c >= '0' && c <= '9') || c == '-') return number();
        if (startsWord(c)) return name();
        unexpected("a value");
    }

    std::size_t quoted(char quote) {
        Node node{.op = Op::literal, .offset = at_++, .kind = Kind::text};
        for (;; ++at_) {
            if (atEnd())
                throw ExpressionError(node.offset,
                                      "a text without its closing quote; add the quote");
            if (peek() == quote) {
                if (text_.substr(at_ + 1).starts_with(quote))
                    ++at_;
                else
                    break;
            }
            node.text += peek();
        }
        ++at_;
        skipSpace();
        return add(std::move(node));
    }

    std::size_t number() {
        const std::size_t start = at_;
        const auto afterExponent = [&] {
            return at_ > start && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
        };
        while (isWordCharacter(peek()) || peek() == '.' || (peek() == '+' && afterExponent()))
            ++at_;
        const std::string_view text = text_.substr(start, at_ - start);
        const auto value = parseNumber(text);
        if (!value)
            throw ExpressionError(
                start, "'" + std::string(text) + "' is not a number; put quotes around a text");
        skipSpace();
        return add(
            {.op = Op::literal, .offset = start, .kind = Kind::number, .text = numberText(*value)});
    }

    std::size_t name() {
        Node node{.op = Op::name, .offset = at_};
        do {
            if (!isWordCharacter(peek())) unexpected("a name");
            const std::size_t start = at_;
            while (isWordCharacter(peek())) ++at_;
            node.parts.emplace_back(text_.substr(start, at_ - start));
        } while (peek() == '.' && ++at_ != 0);
        skipSpace();
        if (node.parts.size() == 1 && (node.parts[0] == "true" || node.parts[0] == "false")) {
            node.op = Op::literal;
            node.kind = Kind::boolean;
            node.text = node.parts[0];
        }
        return add(std::move(node));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::vector<Node> nodes_{};
};

}  // namespace

std::vector<Expression::Node> parseExpression(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace sheafline
