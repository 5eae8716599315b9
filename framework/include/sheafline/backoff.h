// The pause before the next attempt. It grows with each failed attempt and varies at random, so
// that clients of one server that failed together do not return together.
//
//     Backoff backoff;
//     while (!connect()) waitFor(backoff.next());
//     backoff.reset();
#pragma once

#include <chrono>
#include <random>

#include <sheafline/export.h>

namespace sheafline {

struct BackoffSpec {
    std::chrono::milliseconds first{100};
    std::chrono::milliseconds longest{5'000};
    double factor = 2;
    // A pause is a random share of its full length, from `least` to `most`.
    double least = 0.5;
    double most = 1;
};

// The pause after failed attempt number `attempt` (1-based); `random` is 0 to 1. Pure; any thread.
SHEAFLINE_API std::chrono::milliseconds backoffPause(const BackoffSpec& spec, int attempt,
                                                     double random);

// One thread.
class SHEAFLINE_API Backoff {
 public:
    explicit Backoff(const BackoffSpec& spec = {}) : spec_(spec) {}

    std::chrono::milliseconds next();
    void reset() { failed_ = 0; }  // call it after a success

 private:
    const BackoffSpec spec_;
    int failed_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace sheafline
