// Keeps the keys of a batch that waits for people, which Redis would drop after `redis-ttl` without
// an event. For one thread.
#pragma once

#include <chrono>
#include <string>

#include <sheafline/backoff.h>
#include <sheafline/redis/connection.h>

namespace sheafline {

class RedisKeys {
 public:
    RedisKeys(redis::RedisUrl url, std::chrono::milliseconds ttl);

    // Keeps the keys for `ttl` from now on. Returns false if some of them no longer exist, and true
    // while Redis is not reachable: a later call finds out what it has lost. For a moment after an
    // error it does not ask, so that a Redis that hangs does not block the thread for each batch.
    bool renew(const std::string& batch_id);

 private:
    const std::chrono::milliseconds ttl_;
    redis::Connection connection_;
    Backoff backoff_{};
    std::chrono::steady_clock::time_point blocked_until_{};
};

}  // namespace sheafline
