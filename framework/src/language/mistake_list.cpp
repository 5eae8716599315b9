#include "language/mistake_list.h"

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
    const auto same = [](const Mistake& a, const Mistake& b) { return order(a) == order(b); };
    sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
    throw ConfigError(std::move(sorted));
}

}  // namespace sheafline
