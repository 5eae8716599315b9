#include "accounts/password_hasher.h"

#include <array>
#include <new>
#include <sodium.h>

#include <sheafline/error.h>

#include "accounts/random_id.h"

namespace sheafline {

namespace {

constexpr int kAtOnce = 2;
constexpr int kMayWaitForHash = 16;

// An empty view may have a null pointer, which libsodium does not accept.
const char* bytesOf(std::string_view text) { return text.empty() ? "" : text.data(); }

}  // namespace

// The wait is short: at most kMayWaitForHash / kAtOnce hashes.
class PasswordHasher::Turn {
 public:
    explicit Turn(PasswordHasher& hasher) : hasher_(hasher) {
        std::unique_lock lock(hasher_.mutex_);
        if (hasher_.waiting_ >= kMayWaitForHash) {
            throw Error(ErrorClass::transient, "BUSY", "too many sign-ins at once");
        }
        ++hasher_.waiting_;
        hasher_.turn_over_.wait(lock, [&] { return hasher_.at_work_ < kAtOnce; });
        --hasher_.waiting_;
        ++hasher_.at_work_;
    }
    ~Turn() {
        {
            const std::lock_guard lock(hasher_.mutex_);
            --hasher_.at_work_;
        }
        hasher_.turn_over_.notify_one();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

 private:
    PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(HashCost cost) : cost_(cost), nobody_(hash(randomPassword())) {}

std::string PasswordHasher::hash(std::string_view password) {
    const Turn turn(*this);
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str_alg(text.data(), bytesOf(password), password.size(), cost_.passes,
                              cost_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();
    }
    return text.data();
}

bool PasswordHasher::matches(const std::string& hash, std::string_view password) {
    const Turn turn(*this);
    ++verifications_;
    // libsodium reads a fixed number of bytes.
    std::array<char, crypto_pwhash_STRBYTES> text{};
    hash.copy(text.data(), text.size() - 1);
    return crypto_pwhash_str_verify(text.data(), bytesOf(password), password.size()) == 0;
}

bool PasswordHasher::matchesNobody(std::string_view password) {
    matches(nobody_, password);
    return false;
}

bool PasswordHasher::needsRehash(const std::string& hash) const {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_bytes) != 0;
}

}  // namespace sheafline
