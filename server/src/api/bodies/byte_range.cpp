#include "api/bodies/byte_range.h"

#include <algorithm>
#include <charconv>

namespace sheafline::api {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

}  // namespace

RangeAnswer rangeOf(std::string_view header, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    if (!header.starts_with(kUnit)) return {};
    header.remove_prefix(kUnit.size());
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) return {};
    const auto first = number(header.substr(0, dash));
    const auto last = number(header.substr(dash + 1));
    const bool no_first = dash == 0;
    const bool no_last = dash + 1 == header.size();
    if ((!first && !no_first) || (!last && !no_last) || (no_first && no_last)) return {};
    if (no_first) {
        const std::uint64_t length = std::min(*last, size);
        if (length == 0) return {.kind = RangeKind::unsatisfiable};
        return {.kind = RangeKind::part, .range = {.first = size - length, .length = length}};
    }
    if (last && *last < *first) return {};
    if (*first >= size) return {.kind = RangeKind::unsatisfiable};
    const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
    return {.kind = RangeKind::part, .range = {.first = *first, .length = end - *first + 1}};
}

}  // namespace sheafline::api
