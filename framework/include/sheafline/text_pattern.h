// A regular expression (PCRE2, UTF-8). `.` matches a character, and `$` the very end of the text. A
// match that takes too many steps counts as no match. Immutable; any thread.
//
//     const TextPattern pattern("(?<exam>[A-Z]+)-(?<class>[0-9A-Z]+)", TextPattern::Scope::whole);
//     if (const auto groups = pattern.match("MATH-7B")) std::cout << groups->at("class");
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

class SHEAFLINE_API TextPattern {
 public:
    enum class Scope {
        part,   // the text contains a match
        whole,  // the whole text is a match
    };
    using Groups = std::map<std::string, std::string, std::less<>>;

    // Throws ConfigError that says what is wrong, and at which character.
    explicit TextPattern(std::string_view pattern, Scope scope = Scope::part);
    ~TextPattern();
    TextPattern(TextPattern&&) noexcept;
    TextPattern& operator=(TextPattern&&) noexcept;

    bool matches(std::string_view text) const;
    // The named groups that took part in the match.
    std::optional<Groups> match(std::string_view text) const;
    const std::vector<std::string>& names() const { return names_; }  // of the groups

 private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
    std::vector<std::string> names_;
};

}  // namespace sheafline
