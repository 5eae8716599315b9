#include "mistake_list.h"

#include <algorithm>
#include <tuple>

namespace sheafline {

namespace {

auto order(const Mistake& mistake) {
    return std::tie(mistake.line, mistake.column, mistake.message);
}

}  // namespace

void MistakeList::throwIfAny() const {
    if (mistakes_.empty()) return;
    std::vector<Mistake> sorted = mistakes_;
    std::ranges::sort(sorted, {}, order);
    // An alias brings the same mistake as often as it is used.
    const auto [rest, end] = std::ranges::unique(sorted, {}, order);
    sorted.erase(rest, end);
    throw ConfigError(std::move(sorted));
}

}  // namespace sheafline
