// How long to wait before the next attempt, and when to give up: growing pauses of up to five
// seconds, for two minutes after the first failure. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include <sheafline/backoff.h>
#include <sheafline/error.h>

namespace sheafline {

class Patience {
 public:
    explicit Patience(std::chrono::milliseconds in_all = std::chrono::minutes(2))
        : in_all_(in_all) {}

    void renew() {  // something succeeded
        failing_since_.reset();
        backoff_.reset();
    }

    // Sleeps for `at_least` this time. Throws `error` when the time for all attempts is over.
    void wait(const Error& error, std::chrono::milliseconds at_least = {}) {
        const auto now = Clock::now();
        if (!failing_since_) failing_since_ = now;
        if (now - *failing_since_ > in_all_) throw error;
        std::this_thread::sleep_for(std::max(backoff_.next(), at_least));
    }

 private:
    using Clock = std::chrono::steady_clock;

    const std::chrono::milliseconds in_all_;
    std::optional<Clock::time_point> failing_since_{};
    Backoff backoff_{{.first = std::chrono::milliseconds(250), .most = 1.5}};
};

}  // namespace sheafline
