// How long to wait before the next try, and when to give up: pauses that double up to five seconds,
// with jitter so that many clients do not come back at once, for two minutes without success. One
// thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include <sheafline/error.h>

namespace sheafline {

class Patience {
 public:
    void renew() { *this = {}; }  // something succeeded

    // Sleeps, `at_least` so long; throws `error` on where it was too long.
    void wait(const Error& error, std::chrono::milliseconds at_least = {}) {
        if (Clock::now() - since_ > kInAll) throw error;
        std::uniform_real_distribution<double> jitter(0.5, 1.5);
        std::random_device seed;
        std::this_thread::sleep_for(std::max<Seconds>(pause_ * jitter(seed), at_least));
        pause_ = std::min<Seconds>(pause_ * 2, kLongestPause);
    }

 private:
    using Clock = std::chrono::steady_clock;
    using Seconds = std::chrono::duration<double>;
    static constexpr Seconds kLongestPause{5};
    static constexpr std::chrono::minutes kInAll{2};

    Clock::time_point since_ = Clock::now();
    Seconds pause_{0.25};
};

}  // namespace sheafline
