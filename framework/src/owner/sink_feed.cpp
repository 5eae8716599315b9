#include "owner/sink_feed.h"

#include <atomic>
#include <utility>

#include "owner/sink_feed_loop.h"

namespace sheafline {

namespace {

// One flag for the process, because it decides how the process ends.
std::atomic<bool>& abandoned() {
    static std::atomic<bool> any{false};
    return any;
}

}  // namespace

SinkFeed::SinkFeed(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
                   const sql::Place& place, Log& log)
    : loop_(
          std::make_shared<SinkFeedLoop>(std::move(options), std::move(sink), history, place, log)),
      thread_([loop = loop_] { loop->run(); }) {}

SinkFeed::~SinkFeed() {
    loop_->askToStop();
    if (loop_->waitForEnd()) {
        thread_.join();  // it still releases the loop, which must not happen during exit()
    } else {
        abandoned() = true;
        thread_.detach();
    }
}

void SinkFeed::askToStop() { loop_->askToStop(); }

const std::string& SinkFeed::batchId() const { return loop_->options().batch_id; }
SinkState SinkFeed::state() { return loop_->state(); }
bool SinkFeed::drain(std::chrono::steady_clock::time_point deadline) {
    return loop_->drain(deadline);
}

bool sinkWasAbandoned() { return abandoned(); }

}  // namespace sheafline
