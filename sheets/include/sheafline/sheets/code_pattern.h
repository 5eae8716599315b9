// What the text of a code must look like: a regular expression (PCRE2) that the whole text must
// match, whose named groups are the text's parts.
//
//     const CodePattern pattern("(?<exam>[A-Z]+)-(?<class>[0-9A-Z]+)/(?<student>[0-9]+)");
//     if (const auto parts = pattern.match(text)) group = fillForm("{exam}-{class}", *parts);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/text_pattern.h>

namespace sheafline::sheets {

using CodeParts = TextPattern::Groups;

// Immutable; thread-safe.
class SHEAFLINE_API CodePattern {
 public:
    // Throws std::invalid_argument with the error and its position.
    explicit CodePattern(const std::string& pattern);

    std::optional<CodeParts> match(std::string_view text) const { return pattern_.match(text); }
    const std::vector<std::string>& names() const { return pattern_.names(); }

 private:
    TextPattern pattern_;
};

// The names between braces. Throws std::invalid_argument if a brace is not closed or opened.
SHEAFLINE_API std::vector<std::string> namesIn(std::string_view form);
// `form` with every {name} replaced; missing parts are empty.
SHEAFLINE_API std::string fillForm(std::string_view form, const CodeParts& parts);

enum class CheckDigit {
    none,
    luhn,  // ISO/IEC 7812-1
    ean,   // GS1: weights 3 and 1
};

// Whether the last digit is the right check digit. Texts of fewer than two digits fail.
SHEAFLINE_API bool checkDigitHolds(CheckDigit kind, std::string_view digits);

}  // namespace sheafline::sheets
