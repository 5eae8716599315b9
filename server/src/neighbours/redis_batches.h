// The batches of all servers, as stored in Redis. Thread-safe. All functions throw RedisError. For
// a moment after an error, further calls fail at once, so that a Redis that is down or frozen does
// not block a thread for each request.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/backoff.h>
#include <sheafline/redis/connection.h>
#include <sheafline/streams/stream_hub.h>

namespace sheafline {

struct RedisBatch {
    std::string batch_id{};
    std::string owner{};  // the user
    std::string state{};
    std::string home{};    // URL of the server that has its history; may be empty
    std::string status{};  // JSON
    std::string newest{};  // its newest event
    std::uint64_t seq = 0;
};

struct RedisPage {
    std::uint64_t newest_seq = 0;
    std::vector<StreamEvent> events{};  // the first may be later than requested
};

class RedisBatches {
 public:
    explicit RedisBatches(redis::RedisUrl url);

    std::optional<RedisBatch> find(const std::string& batch_id);
    // The events after `after` that the log still has; empty if Redis does not know the batch.
    std::optional<RedisPage> read(const std::string& batch_id, std::uint64_t after,
                                  std::size_t max);
    // Keeps the keys of a batch for this long from now on; false if some of them no longer exist.
    bool renew(const std::string& batch_id, std::chrono::milliseconds ttl);
    // Call it when Redis has answered: further calls do not fail at once.
    void answers();

 private:
    template <typename Ask>
    auto with(Ask ask);

    const redis::RedisUrl url_;
    const redis::Script read_script_;
    std::mutex mutex_;
    // guarded by mutex_
    std::vector<std::unique_ptr<redis::Connection>> idle_;
    Backoff backoff_;
    std::chrono::steady_clock::time_point blocked_until_{};
};

// Keeps the keys of a batch that waits, which Redis would drop after `ttl` without an event;
// returns false if some no longer exist. Empty without Redis.
std::function<bool(const std::string& batch_id)> keyRenewal(RedisBatches* batches,
                                                            const std::string& ttl);

// The kind of the final event of a batch's current execution; progress for all others.
StreamEventKind kindOf(const std::string& state, std::uint64_t seq, std::uint64_t newest_seq);

}  // namespace sheafline
