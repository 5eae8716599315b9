#include <algorithm>

#include <sheafline/redis/backoff.h>

namespace sheafline::redis {

std::chrono::milliseconds Backoff::next() {
    const auto whole = pause_.count();
    pause_ = std::min(pause_ * 2, kLongest);
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(whole / 2, whole)(chance_));
}

}  // namespace sheafline::redis
