// The batches of all servers, as Redis has them. Thread-safe. Everything throws RedisError; after
// one, whoever asks is refused at once for a moment, so that a Redis that is down or frozen does
// not hold up a thread for each request.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/redis/backoff.h>
#include <sheafline/redis/connection.h>
#include <sheafline/streams/stream_hub.h>

namespace sheafline {

struct RedisBatch {
    std::string batch_id{};
    std::string owner{};  // the user
    std::string state{};
    std::string home{};    // URL of the server that has its history; empty: none
    std::string status{};  // JSON
    std::string newest{};  // its newest event
    std::uint64_t seq = 0;
};

struct RedisPage {
    std::uint64_t newest_seq = 0;
    std::vector<StreamEvent> events{};  // the first may be later than was asked for
};

class RedisBatches {
 public:
    explicit RedisBatches(redis::RedisUrl url);

    std::optional<RedisBatch> find(const std::string& batch_id);
    // The events after `after` that the log still has; nothing where Redis does not know the batch.
    std::optional<RedisPage> read(const std::string& batch_id, std::uint64_t after,
                                  std::size_t max);
    // Redis was just seen to answer: whoever asks is not refused.
    void answers();

 private:
    template <typename Ask>
    auto with(Ask ask);

    const redis::RedisUrl url_;
    const redis::Script read_script_;
    std::mutex mutex_;
    // guarded by mutex_
    std::vector<std::unique_ptr<redis::Connection>> idle_;
    redis::Backoff backoff_;
    std::chrono::steady_clock::time_point refuse_until_{};
};

// What the final event of a batch's current execution is to its clients; progress for all others.
StreamEventKind kindOf(const std::string& state, std::uint64_t seq, std::uint64_t newest_seq);

}  // namespace sheafline
