// The URL of the home server of a batch that is not in our history. It comes from Redis and is
// remembered, because Redis forgets it an hour after the batch's end. Redis is not trusted: only
// servers of the configuration are called. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sheafline/streams/stream_hub.h>

#include "accounts/tokens.h"
#include "history/shares/shares.h"
#include "neighbours/redis_batches.h"

namespace sheafline {

class Homes {
 public:
    // `servers` are the URLs of all servers that may be called, `files` those for https.
    Homes(RedisBatches& batches, const Tokens& tokens, std::vector<std::string> servers,
          TlsFiles files)
        : batches_(batches),
          tokens_(tokens),
          servers_(std::move(servers)),
          files_(std::move(files)) {}

    // A batch of any server, as stored in Redis. Throws RedisError.
    std::optional<RedisBatch> find(const std::string& batch_id);
    bool mayCall(const std::string& home) const;
    // Empty if it is unknown. Throws RedisError.
    std::string homeOf(const std::string& batch_id);
    // The events after `after` from the batch's home; empty if there are none, or if the home is
    // unknown or not reachable.
    std::vector<StreamEvent> eventsFromHome(const std::string& batch_id, std::uint64_t after);
    // With whom the batch is shared; nobody if its home does not know it or may not be called.
    // Throws Error of class transient if the home does not answer.
    Shares sharesFromHome(const std::string& batch_id);

 private:
    void remember(const RedisBatch& batch);
    std::string remembered(const std::string& batch_id);

    RedisBatches& batches_;
    const Tokens& tokens_;
    const std::vector<std::string> servers_;
    const TlsFiles files_;
    std::mutex mutex_;
    // guarded by mutex_
    std::unordered_map<std::string, std::string> homes_;
    std::deque<std::string> order_;  // the oldest is removed when there are too many
};

// The events in an answer of /progress?after=, byte for byte. Empty if it is not such an answer.
std::vector<std::string> eventsIn(const std::string& answer);

}  // namespace sheafline
