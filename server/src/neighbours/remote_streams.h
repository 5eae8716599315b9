// What is published of other servers' batches, for the hub: one subscriber for the process, a
// channel for each batch that somebody watches. Each event goes to the hub once and in order: after
// a break of the connection what was missed is read from Redis. Thread-safe.
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
    // `hub` takes events beside those of its own feed.
    RemoteStreams(const redis::RedisUrl& url, RedisBatches& batches, RemoteEvents& events,
                  Sink& hub, Log& log);

    // Returns once everything that is published of the batch goes to the hub. Throws RedisError
    // where that cannot be had in time.
    void watch(const std::string& batch_id);
    // Now and then: lets go of batches that ended a while ago.
    void sweep();

 private:
    struct Watched {
        bool heard = false;
        std::uint64_t delivered = 0;  // the newest that the hub has, or will read itself
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
