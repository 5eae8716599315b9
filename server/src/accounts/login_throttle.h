// Slows down guessing. Failed sign-ins count, each in a sliding window, against the name together
// with the address they came from, and against the address: these two are locked for a while.
// Against the name alone they only cause a delay between two attempts from one address, because a
// lock would let anybody keep a user out. An attempt counts from the moment it is admitted, so that
// a thousand at once cannot slip through together; success takes it back. A name that does not
// exist counts like any other. Memory is bounded: the key that was quiet for longest is forgotten
// first. Thread-safe.
//
//     auto admission = throttle.admit(name, address, now_ms);
//     if (admission.retry_after_seconds > 0) return tooMany(admission.retry_after_seconds);
//     if (matches) throttle.succeeded(name, address, now_ms);
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sheafline {

struct ThrottleLimits {
    int per_pair = 10;  // failures in a window, of a name from one address
    int per_address = 30;
    int per_name = 30;  // from all addresses; above it, each address waits between two attempts
    std::int64_t name_delay_ms = 30'000;
    std::int64_t window_ms = 300'000;
    std::size_t keys = 20'000;  // remembered of each kind
};

struct Admission {
    std::int64_t retry_after_seconds = 0;  // 0: go on; else when one more attempt is allowed
};

// IPv6 addresses of one /64 are one client: whoever has one of them has all of them.
std::string clientOfAddress(std::string_view address);

class LoginThrottle {
 public:
    explicit LoginThrottle(ThrottleLimits limits = {});

    // `now_ms` is of a clock that never jumps.
    Admission admit(std::string_view name, std::string_view address, std::int64_t now_ms);
    // Takes the attempt that was admitted at `admitted_ms` back.
    void succeeded(std::string_view name, std::string_view address, std::int64_t admitted_ms);

 private:
    class Windows {
     public:
        Windows(int limit, std::int64_t window_ms, std::size_t keys);

        std::int64_t waitMs(const std::string& key, std::int64_t now_ms);
        void add(const std::string& key, std::int64_t now_ms);
        // Milliseconds since the newest attempt; nothing where there is none.
        std::optional<std::int64_t> sinceLast(const std::string& key, std::int64_t now_ms) const;
        void takeBack(const std::string& key, std::int64_t at_ms);

     private:
        struct Window {
            std::deque<std::int64_t> attempts;  // oldest first
            std::list<std::string>::iterator place;
        };

        const int limit_;
        const std::int64_t window_ms_;
        const std::size_t keys_;
        std::unordered_map<std::string, Window> windows_;
        std::list<std::string> recent_;  // the key of the newest attempt first
    };

    std::mutex mutex_;
    const std::int64_t name_delay_ms_;
    Windows pairs_;      // guarded by mutex_
    Windows names_;      // guarded by mutex_
    Windows addresses_;  // guarded by mutex_
};

}  // namespace sheafline
