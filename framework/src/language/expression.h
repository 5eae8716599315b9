// The expressions of a pipeline file: the text in ${{ }} and after `if:`. No loops, no I/O, a
// bounded size. Checked when a file is loaded, evaluated for each batch. Immutable; any thread.
//
//     or       := and { "||" and }
//     and      := compare { "&&" compare }
//     compare  := fallback [ ("==" | "!=" | "<" | "<=" | ">" | ">=") fallback ]
//     fallback := join { "??" join }       the right side if the left one is not set or empty
//     join     := unary { "+" unary }      joins texts
//     unary    := "!" unary | primary
//     primary  := "(" or ")" | 'text' | "text" | number | "true" | "false" | name
//     name     := word { "." word }        params.P, batch.B, stages.ID.S, env.E, secrets.S
//
// In a quoted text the quote itself is doubled: 'it''s'. Values from outside are data: they are
// compared or put in, never read as an expression.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/params.h>

namespace sheafline {

// The names that expressions can use. An unknown name is an error that lists the known ones.
struct ExpressionScope {
    ParamValues params{};  // data, as resolveParams and expandDefaults made them
    std::map<std::string, std::string, std::less<>> batch{};  // id, data_dir, pipeline, state
    std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>
        stages{};  // by id: state, done, total, failed
    std::function<std::optional<std::string>(std::string_view)> env{};
    std::function<std::optional<std::string>(std::string_view)> secrets{};
};

// What expressions at one place of a file may name.
struct ExpressionNames {
    std::vector<std::string> roots{};  // of params, batch, stages, env, secrets
    std::map<std::string, ParamType, std::less<>> params{};
    std::set<std::string, std::less<>> user_params{};  // those that a user may set over HTTP
    std::vector<std::string> stages{};                 // those that have ended at this place
    std::vector<std::string> running{};                // the others: named in the remedy
    bool batch_ended = false;                          // whether batch.state is known: in `finally`
};

// An error in the text of an expression; `offset` counts its bytes.
class ExpressionError : public std::runtime_error {
 public:
    ExpressionError(std::size_t offset, const std::string& message)
        : std::runtime_error(message), offset_(offset) {}
    std::size_t offset() const { return offset_; }

 private:
    std::size_t offset_;
};

class Expression {
 public:
    enum class Kind { unknown, text, number, boolean };
    struct Finding {
        std::size_t offset = 0;
        std::string message{};
    };

    explicit Expression(std::string_view text);  // throws ExpressionError
    ~Expression();
    Expression(Expression&&) noexcept;

    // Everything that is wrong with its names and types.
    std::vector<Finding> check(const ExpressionNames& names) const;
    Kind kind(const ExpressionNames& names) const;
    // The type of the param that the whole expression names; nothing for any other expression.
    std::optional<ParamType> paramType(const ExpressionNames& names) const;
    std::set<std::string> paramNames() const;  // of all params that it names
    // The result as a text. Throws ConfigError, never with a value in its text.
    std::string evaluate(const ExpressionScope& scope) const;
    // For `if:`: throws ConfigError if the result is neither true nor false.
    bool isTrue(const ExpressionScope& scope) const;

    struct Node;

 private:
    std::vector<Node> nodes_;  // the root is the last
};

}  // namespace sheafline
