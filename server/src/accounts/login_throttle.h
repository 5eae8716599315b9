// Slows down guessing. Failed sign-ins count in a sliding window: against a name together with the
// address, and against an address. These two are locked for a while. Failures of a name from all
// addresses only delay it, because a lock would let anybody keep a user out: above `per_name`
// failures, two attempts on that name are apart by a delay that doubles with each further failure,
// up to `name_delay_most_ms`. The delay applies to new addresses too, so a thousand addresses get
// no thousand guesses. An address from which that name has signed in before does not wait for it.
// An attempt counts from the moment it is admitted, so a thousand concurrent attempts cannot all
// pass; success takes it back. A name that does not exist counts like any other. Memory is bounded:
// the key that was quiet for longest is forgotten first. Thread-safe.
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
    int per_name = 10;                         // from all addresses; above it, attempts wait
    std::int64_t name_delay_ms = 1'000;        // of the first one that waits
    std::int64_t name_delay_most_ms = 15'000;  // it doubles up to here
    std::int64_t window_ms = 300'000;
    std::size_t keys = 20'000;  // remembered of each kind
};

struct Admission {
    std::int64_t retry_after_seconds = 0;  // 0: admitted; else when to try again
};

// IPv6 addresses of one /64 count as one client, because one host usually has all of them.
std::string clientOfAddress(std::string_view address);

class LoginThrottle {
 public:
    explicit LoginThrottle(ThrottleLimits limits = {});

    // `now_ms` is of a clock that never jumps.
    Admission admit(std::string_view name, std::string_view address, std::int64_t now_ms);
    // Takes back the attempt that was admitted at `admitted_ms`, and notes the address as known.
    void succeeded(std::string_view name, std::string_view address, std::int64_t admitted_ms);
    // Takes it back because no password was checked.
    void notTried(std::string_view name, std::string_view address, std::int64_t admitted_ms);

 private:
    class Windows {
     public:
        Windows(int limit, std::int64_t window_ms, std::size_t keys);

        // Failures in the window; at most the limit.
        int count(const std::string& key, std::int64_t now_ms);
        std::int64_t waitMs(const std::string& key, std::int64_t now_ms);
        void add(const std::string& key, std::int64_t now_ms);
        // Milliseconds since the newest attempt; nothing if there is none.
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

    std::int64_t nameWaitMs(const std::string& name_key, std::int64_t now_ms);

    const ThrottleLimits limits_;
    std::mutex mutex_;
    Windows pairs_;      // guarded by mutex_
    Windows names_;      // guarded by mutex_
    Windows addresses_;  // guarded by mutex_
    Windows known_;      // pairs that signed in; guarded by mutex_
};

}  // namespace sheafline
