// Feeds one sink from the history on its own thread: reads from its cursor, delivers events
// in order, and tries again after a pause where the sink fails. A sink never delays another sink or
// a batch. A sink that does not return from a call is named in state(), and its thread is abandoned
// when the feed ends. A sink that throws the code SINK_OFF receives nothing more.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <sheafline/log.h>
#include <sheafline/sink.h>

#include "history/history.h"
#include "history/history_reader.h"
#include "history/leases/leases.h"

namespace sheafline {

struct SinkFeedOptions {
    std::string name{};      // of the cursor: "redis", "abc-123/jsonl"
    std::string batch_id{};  // empty: all batches
    bool durable = false;
    Leases* leases = nullptr;  // with several servers: one of them feeds a durable sink
    // What the sink may look up of a batch; without it, the status is empty.
    std::function<BatchView(const BatchRow&, HistoryReader&)> view{};
    std::chrono::milliseconds call_limit{10'000};  // a sink that takes longer counts as hung
    std::chrono::milliseconds stop_patience{2'000};
};

struct SinkError {
    std::string code{};  // of its Error: "REDIS_REFUSED"
    std::string message{};
};

struct SinkState {
    std::string name{};
    std::int64_t lag = 0;              // in events, over all batches
    std::optional<SinkError> error{};  // since the last call that failed, or while it hangs
};

class SinkFeedLoop;

class SinkFeed {
 public:
    SinkFeed(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
             const sql::Place& place, Log& log);
    // Lets the current call of the sink end, but waits no longer than `stop_patience`: then the
    // thread is abandoned together with the sink, and sinkWasAbandoned() is true.
    ~SinkFeed();
    SinkFeed(const SinkFeed&) = delete;
    SinkFeed& operator=(const SinkFeed&) = delete;

    void askToStop();  // starts the patience, so that several feeds end at the same time

    const std::string& batchId() const;
    SinkState state();

    // Whether everything that is committed now was delivered before the deadline, or the sink is
    // switched off. Does not wait for a sink that hangs.
    bool drain(std::chrono::steady_clock::time_point deadline);

 private:
    std::shared_ptr<SinkFeedLoop> loop_;  // shared with its thread, which may outlive the feed
    std::thread thread_;  // not a jthread: a thread that hangs in foreign code cannot be joined
};

// Whether a thread of this process still hangs in a sink. The process must then end by _exit(),
// because that thread may use what a normal end destroys.
bool sinkWasAbandoned();

}  // namespace sheafline
