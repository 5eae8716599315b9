// How long to wait before the next attempt, and when to give up: pauses that double up to five
// seconds, with jitter so that many clients do not return at once, for two minutes after the first
// failure. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <thread>

#include <sheafline/error.h>

namespace sheafline {

class Patience {
 public:
    explicit Patience(std::chrono::milliseconds in_all = std::chrono::minutes(2))
        : in_all_(in_all) {}

    void renew() {  // something succeeded
        failing_since_.reset();
        pause_ = kFirstPause;
    }

    // Sleeps for `at_least` this time. Throws `error` when the time for all attempts is over.
    void wait(const Error& error, std::chrono::milliseconds at_least = {}) {
        const auto now = Clock::now();
        if (!failing_since_) failing_since_ = now;
        if (now - *failing_since_ > in_all_) throw error;
        std::uniform_real_distribution<double> jitter(0.5, 1.5);
        std::random_device seed;
        std::this_thread::sleep_for(std::max<Seconds>(pause_ * jitter(seed), at_least));
        pause_ = std::min<Seconds>(pause_ * 2, kLongestPause);
    }

 private:
    using Clock = std::chrono::steady_clock;
    using Seconds = std::chrono::duration<double>;
    static constexpr Seconds kFirstPause{0.25};
    static constexpr Seconds kLongestPause{5};

    const std::chrono::milliseconds in_all_;
    std::optional<Clock::time_point> failing_since_{};
    Seconds pause_ = kFirstPause;
};

}  // namespace sheafline
