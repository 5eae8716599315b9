#include <array>
#include <cstdint>
#include <stdexcept>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <sheafline/sheets/code_pattern.h>

namespace sheafline::sheets {

namespace {

// A text is short; a pattern that needs more steps than this runs away.
constexpr std::uint32_t kMostSteps = 100'000;

struct FreeMatch {
    void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
    void operator()(pcre2_match_context* limits) const { pcre2_match_context_free(limits); }
};

std::vector<std::string> groupNames(const pcre2_code* code) {
    std::uint32_t count = 0;
    std::uint32_t entry_size = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < count; ++i) {
        // Two bytes of group number, then the name.
        names.emplace_back(reinterpret_cast<const char*>(table + std::size_t{i} * entry_size + 2));
    }
    return names;
}

}  // namespace

void CodePattern::Free::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }

CodePattern::CodePattern(const std::string& pattern) {
    int error = 0;
    PCRE2_SIZE place = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                              PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &place, nullptr));
    if (!code_) {
        std::array<char, 160> text{};
        pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text.data()), text.size());
        throw std::invalid_argument("the pattern is wrong at character " +
                                    std::to_string(place + 1) + ": " + text.data());
    }
    names_ = groupNames(code_.get());
}

CodePattern::~CodePattern() = default;
CodePattern::CodePattern(CodePattern&&) noexcept = default;
CodePattern& CodePattern::operator=(CodePattern&&) noexcept = default;

std::optional<CodeParts> CodePattern::match(std::string_view text) const {
    const std::unique_ptr<pcre2_match_data, FreeMatch> match(
        pcre2_match_data_create_from_pattern(code_.get(), nullptr));
    const std::unique_ptr<pcre2_match_context, FreeMatch> limits(
        pcre2_match_context_create(nullptr));
    if (!match || !limits) throw std::bad_alloc();
    pcre2_set_match_limit(limits.get(), kMostSteps);
    const int result = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                   text.size(), 0, 0, match.get(), limits.get());
    if (result < 0) return std::nullopt;
    CodeParts parts;
    for (const auto& name : names_) {
        PCRE2_UCHAR* value = nullptr;
        PCRE2_SIZE size = 0;
        const auto* key = reinterpret_cast<PCRE2_SPTR>(name.c_str());
        if (pcre2_substring_get_byname(match.get(), key, &value, &size) != 0) continue;
        parts.emplace(name, std::string(reinterpret_cast<const char*>(value), size));
        pcre2_substring_free(value);
    }
    return parts;
}

std::vector<std::string> namesIn(std::string_view form) {
    std::vector<std::string> names;
    while (true) {
        const std::size_t open = form.find_first_of("{}");
        if (open == std::string_view::npos) return names;
        const std::size_t close = form.find_first_of("{}", open + 1);
        if (form[open] == '}' || close == std::string_view::npos || form[close] == '{') {
            throw std::invalid_argument("a brace has no partner");
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
