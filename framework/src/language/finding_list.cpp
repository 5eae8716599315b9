#include "language/finding_list.h"

#include <algorithm>
#include <tuple>

namespace sheafline {

namespace {

auto order(const Finding& finding) {
    return std::tie(finding.line, finding.column, finding.message);
}

}  // namespace

void FindingList::throwIfAny() const {
    if (findings_.empty()) return;
    std::vector<Finding> sorted = findings_;
    std::ranges::sort(sorted, {}, order);
    // A YAML alias repeats a finding at each use.
    const auto same = [](const Finding& a, const Finding& b) { return order(a) == order(b); };
    sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
    throw ConfigError(std::move(sorted));
}

}  // namespace sheafline
