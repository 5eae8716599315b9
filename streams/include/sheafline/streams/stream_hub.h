// The hub of the event streams: it takes over connections whose answer's head was sent and writes
// Server-Sent Events to them: first what the batch's history has after the client's last event,
// then what is committed, each once and in order, until the final event of the current execution.
// A sink implements it beside Sink (`dynamic_cast<StreamHub*>(sink)`); whoever serves HTTP calls
// it. All calls are thread-safe and return at once, but for drain().
//
//     const StreamPosition at = streamPosition(history, batch_id, last_event_id);
//     if (at.finished) … 204 …
//     hub.adopt({.socket = call.detach().release(), .batch_id = batch_id, .after = at.after},
//               history);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

enum class StreamEventKind { progress, complete, error };

struct StreamEvent {
    std::uint64_t seq = 0;
    // complete or error for the final event of the batch's current execution alone: clients close
    // on it. Those of earlier executions are progress.
    StreamEventKind kind = StreamEventKind::progress;
    std::string json{};
};

// The history of committed events. Thread-safe.
class SHEAFLINE_API EventSource {
 public:
    virtual ~EventSource();

    // The events after `after_seq`, oldest first, at most `max`. An event is here before a sink
    // sees it. The first one has a higher seq than after_seq + 1 only where those between no longer
    // exist. Throws where the history cannot be read: the client is cut and resumes.
    virtual std::vector<StreamEvent> read(std::string_view batch_id, std::uint64_t after_seq,
                                          std::size_t max) = 0;
};

// Where a stream starts. `last_event_id` is what the client sent; garbage and an id from the future
// count as none. Finished: the client has the final event, and the answer is 204.
struct StreamPosition {
    std::uint64_t after = 0;
    bool finished = false;
};
SHEAFLINE_API StreamPosition streamPosition(EventSource& source, std::string_view batch_id,
                                            std::string_view last_event_id);

struct StreamClient {
    int socket = -1;  // connected, non-blocking; the hub's from adopt() on, and closed by it
    std::string batch_id{};
    std::uint64_t after = 0;
    bool chunked = true;      // HTTP/1.1; without it the end of the connection ends the stream
    std::string principal{};  // what revoke() asks about: a user and session
};

struct StreamStats {
    std::size_t clients = 0;
    std::uint64_t deliveries = 0;  // live events times their clients
    std::uint64_t replayed = 0;    // events read from the history
    std::uint64_t sends = 0;       // system calls
    std::uint64_t bytes = 0;
    std::uint64_t cut = 0;     // clients over their backlog, or that stopped reading
    std::uint64_t turned = 0;  // clients sent away because the hub was full or draining
};

class SHEAFLINE_API StreamHub {
 public:
    virtual ~StreamHub();

    // `source` outlives the hub.
    virtual void adopt(StreamClient client, EventSource& source) = 0;
    // Closes with `auth_expired` the streams of every principal of which `revoked` says so.
    virtual void revoke(std::function<bool(const std::string& principal)> revoked) = 0;
    // Tells every client of the shutdown and closes its stream; clients adopted later are sent
    // away. Returns when all are gone, or cuts them when the grace is over.
    virtual void drain(std::chrono::milliseconds grace) = 0;
    virtual StreamStats stats() const = 0;
};

}  // namespace sheafline
