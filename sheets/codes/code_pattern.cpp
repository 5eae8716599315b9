#include <stdexcept>

#include <sheafline/error.h>
#include <sheafline/sheets/code_pattern.h>

namespace sheafline::sheets {

namespace {

TextPattern compiled(const std::string& pattern) {
    try {
        return TextPattern(pattern, TextPattern::Scope::whole);
    } catch (const ConfigError& error) {
        throw std::invalid_argument(error.what());
    }
}

}  // namespace

CodePattern::CodePattern(const std::string& pattern) : pattern_(compiled(pattern)) {}

std::vector<std::string> namesIn(std::string_view form) {
    std::vector<std::string> names;
    while (true) {
        const std::size_t open = form.find_first_of("{}");
        if (open == std::string_view::npos) return names;
        const std::size_t close = form.find_first_of("{}", open + 1);
        if (form[open] == '}' || close == std::string_view::npos || form[close] == '{') {
            throw std::invalid_argument("a brace is not closed, or not opened");
        }
        names.emplace_back(form.substr(open + 1, close - open - 1));
        form.remove_prefix(close + 1);
    }
}

std::string fillForm(std::string_view form, const CodeParts& parts) {
    std::string text;
    while (true) {
        const std::size_t open = form.find('{');
        const std::size_t close = form.find('}', open);
        if (open == std::string_view::npos || close == std::string_view::npos) break;
        text += form.substr(0, open);
        const auto part = parts.find(form.substr(open + 1, close - open - 1));
        if (part != parts.end()) text += part->second;
        form.remove_prefix(close + 1);
    }
    return text.append(form);
}

bool checkDigitHolds(CheckDigit kind, std::string_view digits) {
    if (kind == CheckDigit::none) return true;
    if (digits.size() < 2) return false;
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const char letter = digits[digits.size() - 1 - i];
        if (letter < '0' || letter > '9') return false;
        int digit = letter - '0';
        if (i % 2 == 1) digit *= kind == CheckDigit::luhn ? 2 : 3;
        if (kind == CheckDigit::luhn && digit > 9) digit -= 9;
        sum += digit;
    }
    return sum % 10 == 0;
}

}  // namespace sheafline::sheets
