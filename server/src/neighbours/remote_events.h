// The events of batches of other servers, for the hub and for polling: from Redis, and from the
// batch's home if Redis no longer has them. If the home is not reachable either, a later event
// comes first, which readers mark as a gap. Thread-safe. Throws RedisError.
#pragma once

#include <sheafline/streams/stream_hub.h>

#include "neighbours/homes.h"
#include "neighbours/redis_batches.h"

namespace sheafline {

class RemoteEvents : public EventSource {
 public:
    RemoteEvents(RedisBatches& batches, Homes& homes) : batches_(batches), homes_(homes) {}

    std::vector<StreamEvent> read(std::string_view batch_id, std::uint64_t after_seq,
                                  std::size_t max) override;

 private:
    RedisBatches& batches_;
    Homes& homes_;
};

}  // namespace sheafline
