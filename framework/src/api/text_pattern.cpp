#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

#include <sheafline/error.h>
#include <sheafline/text_pattern.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace sheafline {

namespace {

// Texts are short; a pattern that needs more steps than this runs away.
constexpr std::uint32_t kMostSteps = 200'000;

template <auto Free>
struct FreeWith {
    void operator()(auto* thing) const { Free(thing); }
};

using Match = std::unique_ptr<pcre2_match_data, FreeWith<pcre2_match_data_free>>;

PCRE2_SPTR bytesOf(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());  // NOLINT(*-reinterpret-cast)
}

std::string textOf(PCRE2_SPTR bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};  // NOLINT(*-reinterpret-cast)
}

// PCRE2 counts bytes; a person counts characters.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<std::string> groupNames(const pcre2_code* code) {
    std::uint32_t count = 0;
    std::uint32_t entry_size = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < count; ++i) {
        // Two bytes of group number, then the name and a NUL.
        const PCRE2_SPTR name = table + std::size_t{i} * entry_size + 2;
        const PCRE2_SPTR end = std::find(name, name + entry_size - 2, PCRE2_UCHAR{0});
        names.push_back(textOf(name, static_cast<std::size_t>(end - name)));
    }
    return names;
}

}  // namespace

struct TextPattern::Compiled {
    std::unique_ptr<pcre2_code, FreeWith<pcre2_code_free>> code{};
    std::unique_ptr<pcre2_match_context, FreeWith<pcre2_match_context_free>> limits{
        pcre2_match_context_create(nullptr)};

    Match match(std::string_view text) const {
        Match match(pcre2_match_data_create_from_pattern(code.get(), nullptr));
        if (!match) throw std::bad_alloc();
        const int result =
            pcre2_match(code.get(), bytesOf(text), text.size(), 0, 0, match.get(), limits.get());
        return result < 0 ? nullptr : std::move(match);
    }
};

TextPattern::TextPattern(std::string_view pattern, Scope scope) {
    // Malformed UTF-8 in a text matches nothing; it is not an error.
    std::uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    if (scope == Scope::whole) options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    int error = 0;
    PCRE2_SIZE offset = 0;
    auto compiled = std::make_unique<Compiled>();
    compiled->code.reset(
        pcre2_compile(bytesOf(pattern), pattern.size(), options, &error, &offset, nullptr));
    if (!compiled->code) {
        std::array<PCRE2_UCHAR, 256> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        throw ConfigError(
            "the pattern is wrong at character " +
            std::to_string(characters(pattern.substr(0, offset)) + 1) + ": " +
            std::string(message.begin(), std::find(message.begin(), message.end(), 0)));
    }
    if (!compiled->limits) throw std::bad_alloc();
    pcre2_set_match_limit(compiled->limits.get(), kMostSteps);
    names_ = groupNames(compiled->code.get());
    compiled_ = std::move(compiled);
}

TextPattern::~TextPattern() = default;
TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;

bool TextPattern::matches(std::string_view text) const { return compiled_->match(text) != nullptr; }

std::optional<TextPattern::Groups> TextPattern::match(std::string_view text) const {
    const Match match = compiled_->match(text);
    if (!match) return std::nullopt;
    Groups groups;
    for (const std::string& name : names_) {
        PCRE2_UCHAR* value = nullptr;
        PCRE2_SIZE size = 0;
        if (pcre2_substring_get_byname(match.get(), bytesOf(name), &value, &size) != 0) continue;
        groups.emplace(name, textOf(value, size));
        pcre2_substring_free(value);
    }
    return groups;
}

}  // namespace sheafline
