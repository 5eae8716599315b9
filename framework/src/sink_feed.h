// Feeds one sink from the history, on a thread of its own: reads on from its cursor, hands events
// over in order, and tries again after a pause where the sink fails. No sink slows another one, or
// a batch.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <sheafline/log.h>
#include <sheafline/sink.h>

#include "history.h"
#include "history_reader.h"

namespace sheafline {

struct SinkFeedOptions {
    std::string name{};      // of the cursor: "redis", "abc-123/jsonl"
    std::string batch_id{};  // empty: all batches
    bool durable = false;
};

class SinkFeed {
 public:
    SinkFeed(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
             const std::filesystem::path& history_file, Log& log);
    ~SinkFeed();  // lets the delivery under way end

    const std::string& name() const { return options_.name; }
    const std::string& batchId() const { return options_.batch_id; }
    std::int64_t cursor();

    // Whether all that is committed now was delivered before the deadline.
    bool drain(std::chrono::steady_clock::time_point deadline);

 private:
    void feedLoop(const std::stop_token& stop);
    std::int64_t deliverAfter(std::int64_t cursor);

    const SinkFeedOptions options_;
    const std::unique_ptr<Sink> sink_;
    History& history_;
    Log& log_;
    HistoryReader reader_;  // used by the feeding thread alone

    std::mutex mutex_;
    // guarded by mutex_
    std::int64_t cursor_ = 0;
    std::condition_variable_any moved_;
    bool failing_ = false;  // used by the feeding thread alone

    std::jthread thread_;
};

}  // namespace sheafline
