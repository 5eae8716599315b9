#include "column_kind.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sheafline::exports {

bool isNumberColumn(std::string_view column) {
    static constexpr std::array<std::string_view, 4> kNumbers = {"sheet", "page", "score",
                                                                 "confidence"};
    return std::ranges::find(kNumbers, column) != kNumbers.end();
}

bool isJsonNumber(std::string_view text) {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
    if (digits.back() == '.' || (digits.front() == '0' && digits.size() > 1 && digits[1] != '.'))
        return false;
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace sheafline::exports
