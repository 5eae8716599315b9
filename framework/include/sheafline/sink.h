// A sink hands committed events on: to a terminal, a file, Redis, browsers. It lives in the owner's
// process and is called from one thread of its own, in order. A durable sink is called again from
// its cursor after a failure or a restart, so it may see an event twice and tells it by `seq`; a
// live sink starts with the newest event. deliver() may throw an Error of class transient: the same
// events come again, after a pause.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <sheafline/export.h>

namespace sheafline {

struct CommittedEvent {
    std::int64_t event_id = 0;  // over all batches, rising; the sink's cursor
    std::string batch_id{};
    std::uint64_t seq = 0;  // of the batch: 1, 2, 3 … without a hole
    std::string json{};     // the bytes that every reader gets
};

class SHEAFLINE_API Sink {
 public:
    virtual ~Sink();
    virtual void deliver(std::span<const CommittedEvent> events) = 0;
};

}  // namespace sheafline
