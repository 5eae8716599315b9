#include "base/text_pattern.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <sheafline/error.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace sheafline {

namespace {

constexpr std::uint32_t kMostSteps = 200'000;

template <auto Free>
struct FreeWith {
    void operator()(auto* thing) const { Free(thing); }
};

PCRE2_SPTR bytesOf(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());  // NOLINT(*-reinterpret-cast)
}

}  // namespace

struct TextPattern::Compiled {
    std::unique_ptr<pcre2_code, FreeWith<pcre2_code_free>> code{};
    std::unique_ptr<pcre2_match_context, FreeWith<pcre2_match_context_free>> limits{
        pcre2_match_context_create(nullptr)};
};

TextPattern::TextPattern(std::string_view pattern) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    auto compiled = std::make_unique<Compiled>();
    compiled->code.reset(pcre2_compile(bytesOf(pattern), pattern.size(),
                                       PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
                                       &error, &offset, nullptr));
    if (!compiled->code) {
        std::array<PCRE2_UCHAR, 256> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        throw ConfigError(
            "the pattern is wrong at its character " + std::to_string(offset + 1) + ": " +
            std::string(message.begin(), std::find(message.begin(), message.end(), 0)));
    }
    pcre2_set_match_limit(compiled->limits.get(), kMostSteps);
    compiled_ = std::move(compiled);
}

TextPattern::~TextPattern() = default;

bool TextPattern::matches(std::string_view text) const {
    const std::unique_ptr<pcre2_match_data, FreeWith<pcre2_match_data_free>> match(
        pcre2_match_data_create_from_pattern(compiled_->code.get(), nullptr));
    return pcre2_match(compiled_->code.get(), bytesOf(text), text.size(), 0, 0, match.get(),
                       compiled_->limits.get()) >= 0;
}

}  // namespace sheafline
