#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>

#include <sheafline/backoff.h>

namespace sheafline {

std::chrono::milliseconds backoffPause(const BackoffSpec& spec, int attempt, double random) {
    // A large attempt makes the power infinite, and the longest pause is taken.
    const double grown =
        static_cast<double>(spec.first.count()) * std::pow(spec.factor, attempt - 1);
    const double full = std::min(grown, static_cast<double>(spec.longest.count()));
    const double share = spec.least + (spec.most - spec.least) * random;
    return std::chrono::milliseconds(static_cast<std::int64_t>(full * share));
}

std::chrono::milliseconds Backoff::next() {
    if (failed_ < INT_MAX) ++failed_;
    return backoffPause(spec_, failed_, std::uniform_real_distribution<double>(0, 1)(random_));
}

}  // namespace sheafline
