// Quantiles of measured values. Any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sheafline::sheets {

// The value that this share of the values does not exceed; 0 if there are no values.
template <class Value>
Value quantile(std::vector<Value> values, double share) {
    if (values.empty()) return 0;
    const auto at = values.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, at);
    return *at;
}

}  // namespace sheafline::sheets
