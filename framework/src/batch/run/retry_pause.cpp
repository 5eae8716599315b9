#include "batch/run/retry_pause.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace sheafline {

std::chrono::milliseconds retryPause(const Retry& retry, int attempt, double random) {
    const double grown =
        static_cast<double>(retry.initial.count()) * std::pow(retry.factor, attempt - 1);
    const double pause = std::min(grown, static_cast<double>(retry.max_interval.count()));
    return std::chrono::milliseconds(static_cast<std::int64_t>(pause * (1 + 0.2 * random)));
}

}  // namespace sheafline
