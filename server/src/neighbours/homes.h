// Where the history of a batch is that is none of ours: the URL of its home server. Redis tells,
// and what it told is remembered, for it forgets an hour after the batch's end. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <sheafline/streams/stream_hub.h>

#include "accounts/tokens.h"
#include "neighbours/redis_batches.h"

namespace sheafline {

class Homes {
 public:
    Homes(RedisBatches& batches, const Tokens& tokens) : batches_(batches), tokens_(tokens) {}

    // A batch of any server, as Redis has it. One that was created a moment ago on another server
    // may not be there yet: it is waited for, for a moment. Throws RedisError.
    std::optional<RedisBatch> find(const std::string& batch_id);
    // Empty where nobody knows. Throws RedisError.
    std::string homeOf(const std::string& batch_id);
    // The events after `after` from the batch's home; nothing where it has none, or is not to be
    // reached, or is not known.
    std::vector<StreamEvent> eventsFromHome(const std::string& batch_id, std::uint64_t after);

 private:
    void remember(const RedisBatch& batch);
    std::string remembered(const std::string& batch_id);

    RedisBatches& batches_;
    const Tokens& tokens_;
    std::mutex mutex_;
    // guarded by mutex_
    std::unordered_map<std::string, std::string> homes_;
    std::deque<std::string> order_;  // the oldest goes first when there are too many
};

// The events in an answer of /progress?after=, byte for byte. Empty where it is no such answer.
std::vector<std::string> eventsIn(const std::string& answer);

}  // namespace sheafline
