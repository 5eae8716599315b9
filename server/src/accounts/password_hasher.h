// Passwords as argon2id hashes. Any thread. At most two hashes are computed at once, because each
// takes 64 MiB and 85 ms. A short queue waits for them; beyond it, hash() and matches() throw Error
// (BUSY, transient).
//
//     PasswordHasher hasher;
//     if (hasher.matches(stored, password) && hasher.needsRehash(stored))
//     store(hasher.hash(password));
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace sheafline {

struct HashCost {
    std::uint64_t passes = 2;
    std::size_t memory_bytes = std::size_t{64} << 20;
};

class PasswordHasher {
 public:
    explicit PasswordHasher(HashCost cost = {});

    std::string hash(std::string_view password);
    bool matches(const std::string& hash, std::string_view password);
    // Does the same work as matches(), for a user that does not exist; returns false.
    bool matchesNobody(std::string_view password);
    bool needsRehash(const std::string& hash) const;

    std::uint64_t verifications() const { return verifications_; }  // so far

 private:
    class Turn;

    const HashCost cost_;
    std::atomic<std::uint64_t> verifications_{0};

    std::mutex mutex_;
    std::condition_variable turn_over_;
    int at_work_ = 0;  // guarded by mutex_
    int waiting_ = 0;  // guarded by mutex_

    const std::string nobody_;  // the hash of a password that nobody knows; needs all of the above
};

}  // namespace sheafline
