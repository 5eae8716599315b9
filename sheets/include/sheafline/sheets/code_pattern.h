// What the text of a code must look like: a regular expression (PCRE2) that the whole text must
// match, whose named groups are the text's parts.
//
//     const CodePattern pattern("(?<exam>[A-Z]+)-(?<class>[0-9A-Z]+)/(?<student>[0-9]+)");
//     if (const auto parts = pattern.match(text)) group = fillForm("{exam}-{class}", *parts);
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;

namespace sheafline::sheets {

using CodeParts = std::map<std::string, std::string, std::less<>>;

// Immutable; thread-safe.
class CodePattern {
 public:
    // Throws std::invalid_argument, which tells what is wrong and where.
    explicit CodePattern(const std::string& pattern);
    ~CodePattern();
    CodePattern(CodePattern&&) noexcept;
    CodePattern& operator=(CodePattern&&) noexcept;

    std::optional<CodeParts> match(std::string_view text) const;
    const std::vector<std::string>& names() const { return names_; }

 private:
    struct Free {
        void operator()(pcre2_real_code_8* code) const;
    };

    std::unique_ptr<pcre2_real_code_8, Free> code_;
    std::vector<std::string> names_;
};

// The names between braces. Throws std::invalid_argument where a brace has no partner.
std::vector<std::string> namesIn(std::string_view form);
// `form` with every {name} replaced; parts that are not there are empty.
std::string fillForm(std::string_view form, const CodeParts& parts);

enum class CheckDigit {
    none,
    luhn,  // ISO/IEC 7812-1
    ean,   // GS1: weights 3 and 1
};

// Whether the last digit is the one that the others demand. Texts of fewer than two digits fail.
bool checkDigitHolds(CheckDigit kind, std::string_view digits);

}  // namespace sheafline::sheets
