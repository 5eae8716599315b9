// The attempts to sign in that count, of all kinds. Each is forgotten when its window has passed.
// One server keeps them in memory; servers with one history keep them in its database, so that a
// client cannot guess on each of them. Thread-safe inside alone(). Throws Error if the database
// fails.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/sql/place.h"

namespace sheafline {

struct ThrottleLimits {
    int per_pair = 10;  // failures in a window, of a name from one address
    int per_address = 30;
    int per_name = 10;                         // from all addresses; above it, attempts wait
    std::int64_t name_delay_ms = 1'000;        // of the first one that waits
    std::int64_t name_delay_most_ms = 15'000;  // it doubles up to here
    std::int64_t window_ms = 300'000;
    std::size_t keys = 20'000;  // remembered of each kind, in memory
};

// A name from one address, a name, an address, and a name that signed in from one address.
enum class AttemptKind { pair, name, address, known };
inline constexpr int kAttemptKinds = 4;
inline constexpr int kDelayDoublings = 8;  // then the delay stays the same
inline constexpr std::int64_t kKnownMs = std::int64_t{30} * 24 * 3600 * 1000;

struct Attempts {
    int number = 0;
    std::int64_t oldest_ms = 0;  // 0 if there are none
    std::int64_t newest_ms = 0;
};

class AttemptLog {
 public:
    explicit AttemptLog(const ThrottleLimits& limits) : limits_(limits) {}
    virtual ~AttemptLog() = default;
    AttemptLog(const AttemptLog&) = delete;
    AttemptLog& operator=(const AttemptLog&) = delete;

    const ThrottleLimits& limits() const { return limits_; }
    std::int64_t windowMs(AttemptKind kind) const {
        return kind == AttemptKind::known ? kKnownMs : limits_.window_ms;
    }
    // By a clock that never jumps and that all users of this log share.
    virtual std::int64_t nowMs() = 0;

    // Calls `work` while no other thread or server uses the log; perhaps again after an error.
    virtual void alone(const std::function<void()>& work) = 0;
    // These are for `work`.
    virtual Attempts of(AttemptKind kind, const std::string& key, std::int64_t now_ms) = 0;
    virtual void add(AttemptKind kind, const std::string& key, std::int64_t now_ms) = 0;
    virtual void takeBack(AttemptKind kind, const std::string& key, std::int64_t at_ms) = 0;

    virtual void forgetOld(std::int64_t now_ms) = 0;  // call it regularly

 private:
    const ThrottleLimits limits_;
};

// In memory if the accounts are in a file, and else in their database.
std::unique_ptr<AttemptLog> attemptsBeside(const sql::Place& accounts,
                                           const ThrottleLimits& limits = {});

}  // namespace sheafline
