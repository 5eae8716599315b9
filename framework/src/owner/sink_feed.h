// Feeds one sink from the history, on a thread of its own: reads on from its cursor, hands events
// over in order, and tries again after a pause where the sink fails. No sink slows another one, or
// a batch.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sheafline/log.h>
#include <sheafline/sink.h>

#include "history/history.h"
#include "history/history_reader.h"

namespace sheafline {

struct SinkFeedOptions {
    std::string name{};      // of the cursor: "redis", "abc-123/jsonl"
    std::string batch_id{};  // empty: all batches
    bool durable = false;
    // What the sink may look up of a batch; where it is empty, its status stays empty.
    std::function<BatchView(const BatchRow&, HistoryReader&)> view{};
};

struct SinkTrouble {
    std::string code{};  // of its Error: "REDIS_REFUSED"
    std::string message{};
};

struct SinkState {
    std::string name{};
    std::int64_t lag = 0;                  // in events, over all batches
    std::optional<SinkTrouble> trouble{};  // since the last delivery that failed
};

class SinkFeed : private SinkHistory {
 public:
    SinkFeed(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
             const std::filesystem::path& history_file, Log& log);
    ~SinkFeed() override;  // lets the delivery under way end

    const std::string& batchId() const { return options_.batch_id; }
    SinkState state();

    // Whether all that is committed now was delivered before the deadline.
    bool drain(std::chrono::steady_clock::time_point deadline);

 private:
    struct Delivery {
        std::int64_t reached = 0;  // the id up to which the sink has all events
        std::size_t events = 0;
    };

    void feedLoop(const std::stop_token& stop);
    Delivery deliverBetween(std::int64_t cursor, std::int64_t newest);
    std::int64_t firstCursor();
    void tell(std::optional<SinkTrouble> trouble);
    void pause(const std::stop_token& stop);

    // for the sink, on the feeding thread
    std::optional<BatchView> batch(std::string_view batch_id) override;
    std::vector<CommittedEvent> events(std::string_view batch_id, std::uint64_t after_seq,
                                       std::size_t max) override;

    const SinkFeedOptions options_;
    const std::unique_ptr<Sink> sink_;
    History& history_;
    Log& log_;

    // used by the feeding thread alone
    HistoryReader reader_;
    std::chrono::milliseconds pause_;
    std::minstd_rand chance_{std::random_device{}()};

    std::mutex mutex_;
    // guarded by mutex_
    std::int64_t cursor_ = 0;
    std::optional<SinkTrouble> trouble_;
    std::condition_variable_any moved_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline
