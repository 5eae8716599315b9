// Slows down guessing. Failed sign-ins count in a sliding window: against a name together with the
// address, and against an address. These two are locked for a while. Failures of a name from all
// addresses only delay it, because a lock would let anybody keep a user out: above `per_name`
// failures, two attempts on that name are apart by a delay that doubles with each further failure,
// up to `name_delay_most_ms`. The delay applies to new addresses too, so a thousand addresses get
// no thousand guesses. An address from which that name has signed in before does not wait for it.
// An attempt counts from the moment it is admitted, so a thousand concurrent attempts cannot all
// pass; success takes it back. A name that does not exist counts like any other. Thread-safe.
//
//     auto admission = throttle.admit(name, address, now_ms);
//     if (admission.retry_after_seconds > 0) return tooMany(admission.retry_after_seconds);
//     if (matches) throttle.succeeded(name, address, now_ms);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "accounts/throttle/attempt_log.h"

namespace sheafline {

struct Admission {
    std::int64_t retry_after_seconds = 0;  // 0: admitted; else when to try again
};

// IPv6 addresses of one /64 count as one client, because one host usually has all of them.
std::string clientOfAddress(std::string_view address);

class LoginThrottle {
 public:
    explicit LoginThrottle(AttemptLog& log) : log_(log), limits_(log.limits()) {}

    // `now_ms` is of a clock that never jumps.
    Admission admit(std::string_view name, std::string_view address, std::int64_t now_ms);
    // Takes back the attempt that was admitted at `admitted_ms`, and notes the address as known.
    void succeeded(std::string_view name, std::string_view address, std::int64_t admitted_ms);
    // Takes it back because no password was checked.
    void notTried(std::string_view name, std::string_view address, std::int64_t admitted_ms);

 private:
    struct Keys {
        Keys(std::string_view name_text, std::string_view address_text);
        std::string name, address, pair;
    };

    std::int64_t waitMs(const Keys& keys, std::int64_t now_ms);
    std::int64_t lockMs(AttemptKind kind, const std::string& key, int limit, std::int64_t now_ms);
    std::int64_t nameWaitMs(const std::string& name_key, std::int64_t now_ms);
    void takeBack(const Keys& keys, std::int64_t admitted_ms);

    AttemptLog& log_;
    const ThrottleLimits limits_;
};

}  // namespace sheafline
