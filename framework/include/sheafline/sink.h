// Passes committed events on: to a terminal, a file, Redis, browsers. Called from one thread, in
// order; a sink from another folder than the program's own runs in a separate process. A durable
// sink is called again from its cursor after a failure or a restart, so it may receive an event
// twice and recognizes it by `seq`; a live sink starts with the newest event. deliver() may throw
// an Error of class transient: the same events are delivered again after a pause.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

struct CommittedEvent {
    std::int64_t event_id = 0;  // rising over all batches; the sink's cursor
    std::string batch_id{};
    std::uint64_t seq = 0;  // of the batch: 1, 2, 3 … without a gap
    std::string json{};     // the bytes that every reader gets
};

// A batch as it is now, which may be later than the event that is delivered.
struct BatchView {
    std::string user{};  // its user; empty for a batch of `sheafline run`
    std::string pipeline{};
    std::string state{};
    int execution = 1;
    std::string created_at{};        // UTC, ISO 8601
    std::int64_t ended_seconds = 0;  // since 1970; 0 while it has not ended
    std::string status{};            // JSON, as GET /api/batches/{id}/status answers
};

// Data that a sink may read during a delivery, in addition to the events.
class SHEAFLINE_API SinkHistory {
 public:
    virtual ~SinkHistory();

    // Nothing for a batch that was removed.
    virtual std::optional<BatchView> batch(std::string_view batch_id) = 0;
    // The committed events after `after_seq`, oldest first, at most `max`.
    virtual std::vector<CommittedEvent> events(std::string_view batch_id, std::uint64_t after_seq,
                                               std::size_t max) = 0;
};

class SHEAFLINE_API Sink {
 public:
    virtual ~Sink();
    // Called once, before the first delivery; `history` lives until the last delivery has ended.
    virtual void attach(SinkHistory& history);
    virtual void deliver(std::span<const CommittedEvent> events) = 0;
};

}  // namespace sheafline
