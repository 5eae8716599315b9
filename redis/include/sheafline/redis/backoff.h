// The pause before the next attempt: 0.1 s, doubled each time up to 5 s, and shortened at random by
// up to half, so that clients of the same server do not reconnect all at once.
#pragma once

#include <chrono>
#include <random>

namespace sheafline::redis {

class Backoff {
 public:
    std::chrono::milliseconds next();
    void reset() { pause_ = kFirst; }  // call it after a success

 private:
    static constexpr std::chrono::milliseconds kFirst{100};
    static constexpr std::chrono::milliseconds kLongest{5'000};

    std::chrono::milliseconds pause_ = kFirst;
    std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace sheafline::redis
