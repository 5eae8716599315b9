#include "sink_feed.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr int kEventsAtOnce = 500;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};

}  // namespace

SinkFeed::SinkFeed(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
                   const std::filesystem::path& history_file, Log& log)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      history_(history),
      log_(log),
      reader_(history_file) {
    // A live sink starts with what comes next; a durable one goes on where it was, or begins with
    // its batch.
    cursor_ = options_.durable ? reader_.cursor(options_.name).value_or(0) : history_.lastEventId();
    thread_ = std::jthread([this](const std::stop_token& stop) { feedLoop(stop); });
}

SinkFeed::~SinkFeed() = default;

void SinkFeed::feedLoop(const std::stop_token& stop) {
    auto pause = kFirstPause;
    std::int64_t cursor = cursor_;
    while (!stop.stop_requested()) {
        if (history_.waitForEvent(cursor, stop) <= cursor) return;
        const std::int64_t reached = deliverAfter(cursor);
        if (reached == cursor) {
            std::unique_lock lock(mutex_);
            moved_.wait_for(lock, stop, pause, [] { return false; });
            pause = std::min(pause * 2, kLongestPause);
            continue;
        }
        pause = kFirstPause;
        cursor = reached;
        if (options_.durable) history_.setCursor(options_.name, cursor);
        {
            const std::lock_guard lock(mutex_);
            cursor_ = cursor;
        }
        moved_.notify_all();
    }
}

// Gives the last event that the sink has now; `cursor` where it got none.
std::int64_t SinkFeed::deliverAfter(std::int64_t cursor) {
    std::int64_t reached = cursor;
    std::string why;
    try {
        auto events = reader_.eventsAfter(cursor, kEventsAtOnce);
        if (!events.empty()) reached = events.back().event_id;
        if (!options_.batch_id.empty()) {
            std::erase_if(events, [&](const CommittedEvent& event) {
                return event.batch_id != options_.batch_id;
            });
        }
        if (!events.empty()) sink_->deliver(events);
    } catch (const std::exception& error) {
        why = error.what();
    } catch (...) {
        why = "it threw something that is no std::exception";
    }
    // Named once when it begins and once when it is over, however long it lasts.
    if (!why.empty() && !failing_)
        log_.warning("sink " + options_.name + " fails, and is tried again: " + why);
    if (why.empty() && failing_) log_.info("sink " + options_.name + " works again");
    failing_ = !why.empty();
    return failing_ ? cursor : reached;
}

std::int64_t SinkFeed::cursor() {
    const std::lock_guard lock(mutex_);
    return cursor_;
}

bool SinkFeed::drain(std::chrono::steady_clock::time_point deadline) {
    const std::int64_t goal = history_.lastEventId();
    std::unique_lock lock(mutex_);
    return moved_.wait_until(lock, deadline, [&] { return cursor_ >= goal; });
}

}  // namespace sheafline
