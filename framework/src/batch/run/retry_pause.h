// How long a stage waits before its next attempt. Pure; any thread.
#pragma once

#include <chrono>

#include "pipeline/pipeline.h"

namespace sheafline {

// After failed attempt number `attempt` (1-based): grows by the factor up to max_interval, plus up
// to a fifth, so that batches that failed together do not return together. `random` is 0 to 1.
std::chrono::milliseconds retryPause(const Retry& retry, int attempt, double random);

}  // namespace sheafline
