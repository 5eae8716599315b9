#include "batch/run/retry_pause.h"

#include <sheafline/backoff.h>

namespace sheafline {

std::chrono::milliseconds retryPause(const Retry& retry, int attempt, double random) {
    const BackoffSpec spec{.first = retry.initial,
                           .longest = retry.max_interval,
                           .factor = retry.factor,
                           .least = 1,
                           .most = 1.2};
    return backoffPause(spec, attempt, random);
}

}  // namespace sheafline
