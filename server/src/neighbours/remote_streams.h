// Published events of other servers' batches, for the hub: one subscriber for the process, and one
// channel for each watched batch. Each event reaches the hub once and in order; events that were
// missed while the connection was lost are read from Redis. Thread-safe.
//
//     streams.watch(id);           // from here on nothing is missed
//     hub.adopt(client, events);   // and what was before it is read
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <sheafline/log.h>
#include <sheafline/redis/subscriber.h>
#include <sheafline/sink.h>

#include "neighbours/remote_events.h"

namespace sheafline {

class RemoteStreams {
 public:
    // `hub` accepts these events in addition to those of its own feed.
    RemoteStreams(const redis::RedisUrl& url, RedisBatches& batches, RemoteEvents& events,
                  Sink& hub, Log& log);

    // Returns when all published events of the batch reach the hub. Throws RedisError if that takes
    // too long.
    void watch(const std::string& batch_id);
    // Call it regularly: removes batches that ended some time ago.
    void sweep();

 private:
    struct Watched {
        bool heard = false;
        std::uint64_t delivered = 0;  // the newest event that the hub has, or will read itself
        bool ended = false;
        std::chrono::steady_clock::time_point since{};
    };

    // on the subscriber's thread
    void onHeard(std::string_view channel);
    void onMessage(std::string_view channel, std::string_view message);
    void catchUp(const std::string& batch_id, std::uint64_t after);
    void deliver(const std::string& batch_id, std::uint64_t seq, std::string json, bool ends);
    std::uint64_t deliveredOf(const std::string& batch_id, bool& known);

    RedisBatches& batches_;
    RemoteEvents& events_;
    Sink& hub_;

    std::mutex mutex_;
    std::condition_variable heard_;
    std::unordered_map<std::string, Watched> watched_;  // guarded by mutex_

    redis::Subscriber subscriber_;  // last: it calls into all of the above
};

}  // namespace sheafline
