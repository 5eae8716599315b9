#include "templates/label_range.h"

#include <charconv>
#include <optional>

namespace sheafline::sheets {

namespace {

constexpr int kMostNames = 1000;

struct Label {
    std::string_view stem;
    int number = 0;
};

std::optional<Label> splitLabel(std::string_view text) {
    std::size_t digits = text.size();
    while (digits > 0 && text[digits - 1] >= '0' && text[digits - 1] <= '9') --digits;
    Label label{.stem = text.substr(0, digits)};
    const std::string_view number = text.substr(digits);
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), label.number);
    if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
    return label;
}

}  // namespace

std::vector<std::string> expandRange(std::string_view text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) return {std::string(text)};
    std::string_view end = text.substr(dots + 2);
    if (end.starts_with('.')) end.remove_prefix(1);  // three dots mean the same to OMRChecker
    const auto first = splitLabel(text.substr(0, dots));
    const auto last = splitLabel(end);
    if (!first || !last || (!last->stem.empty() && last->stem != first->stem)) return {};
    if (last->number < first->number || last->number - first->number >= kMostNames) return {};
    std::vector<std::string> names;
    for (int number = first->number; number <= last->number; ++number) {
        names.push_back(std::string(first->stem) + std::to_string(number));
    }
    return names;
}

}  // namespace sheafline::sheets
