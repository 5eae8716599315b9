// The loop of a SinkFeed and what it shares with its thread. run() belongs to that thread; the
// other functions may be called from any thread. Where waitForEnd() returns false, the thread hangs
// in the sink, and does not use the history or the log when it returns from there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/backoff.h>

#include "owner/sink_feed.h"

namespace sheafline {

class SinkFeedLoop : private SinkHistory {
 public:
    SinkFeedLoop(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
                 const sql::Place& place, Log& log);

    void run();
    void askToStop();
    bool waitForEnd();  // false if the thread still hangs in the sink after the patience

    const SinkFeedOptions& options() const { return options_; }
    SinkState state();
    bool drain(std::chrono::steady_clock::time_point deadline);

 private:
    using Clock = std::chrono::steady_clock;

    struct Delivery {
        std::int64_t reached = 0;  // the id up to which the sink has all events
        std::size_t events = 0;
    };

    std::int64_t firstCursor();
    void feed();
    bool attached();
    void feedEvents();
    bool hasTurn();
    Delivery deliverBetween(std::int64_t cursor, std::int64_t newest);
    std::optional<SinkError> inSink(const std::function<void()>& call);
    void note(std::optional<SinkError> failure);
    void switchOff(const SinkError& failure);
    void pause(std::chrono::milliseconds time);
    void waitForStop();
    bool stopped() const { return stop_.stop_requested(); }
    bool hangs() const;  // call it with mutex_ held

    // for the sink, on the feeding thread
    std::optional<BatchView> batch(std::string_view batch_id) override;
    std::vector<CommittedEvent> events(std::string_view batch_id, std::uint64_t after_seq,
                                       std::size_t max) override;

    const SinkFeedOptions options_;
    History& history_;
    Log& log_;
    std::stop_source stop_;

    // used only by the feeding thread
    std::unique_ptr<Sink> sink_;
    HistoryReader reader_;
    Backoff backoff_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::int64_t cursor_ = 0;
    std::optional<SinkError> error_;
    std::optional<Clock::time_point> in_sink_since_;
    Clock::time_point leave_at_ = Clock::time_point::max();
    bool hang_logged_ = false;
    bool off_ = false;
    bool elsewhere_ = false;  // another server feeds this sink
    bool abandoned_ = false;
    bool finished_ = false;
    std::condition_variable_any moved_;
};

}  // namespace sheafline
