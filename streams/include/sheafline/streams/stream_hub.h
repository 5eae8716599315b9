// The hub of the event streams. It takes over connections after the head of the answer was sent,
// and writes Server-Sent Events to them: first those of the batch's history after the client's last
// event, then new ones, each once and in order, until the final event of the current execution. A
// sink implements it in addition to Sink (`dynamic_cast<StreamHub*>(sink)`); the HTTP server calls
// it. All calls are thread-safe, and all except drain() return at once.
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
    // complete or error only for the final event of the batch's current execution, because clients
    // close on it. Final events of earlier executions are progress.
    StreamEventKind kind = StreamEventKind::progress;
    std::string json{};
};

// The history of committed events. Thread-safe.
class SHEAFLINE_API EventSource {
 public:
    virtual ~EventSource();

    // The events after `after_seq`, oldest first, at most `max`. An event is here before a sink
    // sees it. The first one has a higher seq than after_seq + 1 only if those between no longer
    // exist. Throws if the history cannot be read; the client is then disconnected and resumes.
    virtual std::vector<StreamEvent> read(std::string_view batch_id, std::uint64_t after_seq,
                                          std::size_t max) = 0;
};

// Where a stream starts. `last_event_id` is the text that the client sent; garbage and an id from
// the future count as none. `finished`: the client has the final event, and the answer is 204.
struct StreamPosition {
    std::uint64_t after = 0;
    bool finished = false;
};
SHEAFLINE_API StreamPosition streamPosition(EventSource& source, std::string_view batch_id,
                                            std::string_view last_event_id);

struct StreamClient {
    int socket = -1;  // connected, non-blocking; adopt() passes it to the hub, which closes it
    std::string batch_id{};
    std::uint64_t after = 0;
    bool chunked = true;      // HTTP/1.1; without it the end of the connection ends the stream
    std::string principal{};  // the user and session, for revoke()
};

struct StreamStats {
    std::size_t clients = 0;
    std::uint64_t deliveries = 0;  // live events multiplied by their clients
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
    // Closes with `auth_expired` the streams of every principal for which `revoked` returns true.
    virtual void revoke(std::function<bool(const std::string& principal)> revoked) = 0;
    // Sends `shutdown` to every client and closes its stream; clients that are adopted later are
    // sent away. Returns when all clients have left; cuts the rest at the end of the grace.
    virtual void drain(std::chrono::milliseconds grace) = 0;
    virtual StreamStats stats() const = 0;
};

}  // namespace sheafline
