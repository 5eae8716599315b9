// How long to wait before the next attempt: 0.1 s, twice as long each time, at most 5 s, and up to
// half of it less by chance, so that many who lost the same server do not come back at once.
#pragma once

#include <chrono>
#include <random>

namespace sheafline::redis {

class Backoff {
 public:
    std::chrono::milliseconds next();
    void reset() { pause_ = kFirst; }  // it works again

 private:
    static constexpr std::chrono::milliseconds kFirst{100};
    static constexpr std::chrono::milliseconds kLongest{5'000};

    std::chrono::milliseconds pause_ = kFirst;
    std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace sheafline::redis
