// Remembers which create request made which batch, so that a request that is repeated after a lost
// reply does not make a second one. A key belongs to its user. Any thread. Throws Error if the
// database fails.
//
//     auto claim = keys.claim(user, key, hash_of_request, new_id, now);
//     if (claim.outcome == KeyOutcome::conflict) return unprocessable();
//     // Repeated or not: the batch claim.batch_id is to exist now, for the first request may have
//     // died between the claim and the batch.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <sheafline/log.h>

#include "base/sql/place.h"

namespace sheafline {

namespace sql {
class Database;
}  // namespace sql

enum class KeyOutcome {
    first,     // the key is new
    repeated,  // the same request was sent before
    conflict,  // the key was used for another request (422)
};

struct KeyClaim {
    KeyOutcome outcome = KeyOutcome::first;
    std::string batch_id{};       // of the first request
    std::int64_t claimed_at = 0;  // by it
};

// 1 to 255 printable ASCII characters.
bool isIdempotencyKey(std::string_view text);

class IdempotencyKeys {
 public:
    // A damaged file is set aside and replaced, with a line in the log.
    explicit IdempotencyKeys(const sql::Place& place, Log* log = nullptr);
    ~IdempotencyKeys();
    IdempotencyKeys(const IdempotencyKeys&) = delete;
    IdempotencyKeys& operator=(const IdempotencyKeys&) = delete;

    KeyClaim claim(std::string_view user, std::string_view key, std::string_view request_hash,
                   std::string_view batch_id, std::int64_t now);
    // Call it if the request was rejected: the key may be used again.
    void release(std::string_view user, std::string_view key);
    void forgetBefore(std::int64_t time);

 private:
    std::mutex mutex_;
    const std::unique_ptr<sql::Database> database_;  // guarded by mutex_
};

}  // namespace sheafline
