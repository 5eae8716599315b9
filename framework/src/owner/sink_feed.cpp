#include "owner/sink_feed.h"

#include <algorithm>
#include <climits>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kEventsAtOnce = 500;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};

}  // namespace

SinkFeed::SinkFeed(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
                   const std::filesystem::path& history_file, Log& log)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      history_(history),
      log_(log),
      reader_(history_file),
      pause_(kFirstPause) {
    sink_->attach(*this);
    cursor_ = firstCursor();
    thread_ = std::jthread([this](const std::stop_token& stop) { feedLoop(stop); });
}

SinkFeed::~SinkFeed() = default;

// A live sink starts with the next event. A durable one continues after its cursor; without one it
// starts with the first event of its batch, or of the history.
std::int64_t SinkFeed::firstCursor() {
    const std::int64_t newest = history_.lastEventId();
    if (!options_.durable) return newest;
    if (const auto cursor = reader_.cursor(options_.name)) return *cursor;
    if (options_.batch_id.empty()) return 0;
    const std::int64_t first = reader_.firstEventId(options_.batch_id);
    return first == 0 ? newest : first - 1;
}

void SinkFeed::feedLoop(const std::stop_token& stop) {
    std::int64_t cursor = cursor_;
    while (!stop.stop_requested()) {
        const std::int64_t newest = history_.waitForEvent(cursor, stop);
        if (newest <= cursor) return;
        const Delivery delivery = deliverBetween(cursor, newest);
        if (delivery.reached == cursor) {
            pause(stop);
            continue;
        }
        pause_ = kFirstPause;
        cursor = delivery.reached;
        // Events of other batches move the cursor in memory only, or each of them would cost a row.
        if (options_.durable && delivery.events > 0) history_.setCursor(options_.name, cursor);
        {
            const std::lock_guard lock(mutex_);
            cursor_ = cursor;
        }
        moved_.notify_all();
    }
}

// Delivers the events with an id in (cursor, newest], as many as one call takes.
SinkFeed::Delivery SinkFeed::deliverBetween(std::int64_t cursor, std::int64_t newest) {
    Delivery delivery{.reached = newest};
    std::optional<SinkTrouble> trouble;
    try {
        const auto events =
            options_.batch_id.empty()
                ? reader_.eventsAfter(cursor, kEventsAtOnce)
                : reader_.eventsBetween(options_.batch_id, cursor, newest, kEventsAtOnce);
        delivery.events = events.size();
        const bool all = events.size() < kEventsAtOnce;
        if (!events.empty())
            delivery.reached =
                all ? std::max(newest, events.back().event_id) : events.back().event_id;
        if (!events.empty()) sink_->deliver(events);
    } catch (const Error& error) {
        trouble = {.code = error.code(), .message = error.what()};
    } catch (const std::exception& error) {
        trouble = {.code = "SINK", .message = error.what()};
    } catch (...) {
        trouble = {.code = "SINK", .message = "it threw something that is no std::exception"};
    }
    if (trouble) delivery.reached = cursor;
    tell(std::move(trouble));
    return delivery;
}

// Up to half of it less by chance, so that many who lost the same target do not come back at once.
void SinkFeed::pause(const std::stop_token& stop) {
    const auto whole = pause_.count();
    const std::chrono::milliseconds now(
        std::uniform_int_distribution<std::int64_t>(whole / 2, whole)(chance_));
    std::unique_lock lock(mutex_);
    moved_.wait_for(lock, stop, now, [] { return false; });
    pause_ = std::min(pause_ * 2, kLongestPause);
}

// Named once when it begins, when it becomes another trouble, and when it is over, however long it
// lasts.
void SinkFeed::tell(std::optional<SinkTrouble> trouble) {
    std::optional<SinkTrouble> before;
    {
        const std::lock_guard lock(mutex_);
        before = std::exchange(trouble_, trouble);
    }
    if (trouble && (!before || before->code != trouble->code))
        log_.warning("sink " + options_.name + " fails, and is tried again: " + trouble->message);
    if (!trouble && before) log_.info("sink " + options_.name + " works again");
}

std::optional<BatchView> SinkFeed::batch(std::string_view batch_id) {
    const auto row = reader_.batch(batch_id);
    if (!row) return std::nullopt;
    if (options_.view) return options_.view(*row, reader_);
    return BatchView{.user = row->user,
                     .pipeline = row->pipeline,
                     .state = std::string(toString(row->state)),
                     .execution = row->execution,
                     .created_at = row->created_at};
}

std::vector<CommittedEvent> SinkFeed::events(std::string_view batch_id, std::uint64_t after_seq,
                                             std::size_t max) {
    return reader_.eventsOf(batch_id, after_seq,
                            static_cast<int>(std::min<std::size_t>(max, INT_MAX)));
}

SinkState SinkFeed::state() {
    const std::int64_t newest = history_.lastEventId();
    const std::lock_guard lock(mutex_);
    return {.name = options_.name, .lag = newest - cursor_, .trouble = trouble_};
}

bool SinkFeed::drain(std::chrono::steady_clock::time_point deadline) {
    const std::int64_t goal = history_.lastEventId();
    std::unique_lock lock(mutex_);
    return moved_.wait_until(lock, deadline, [&] { return cursor_ >= goal; });
}

}  // namespace sheafline
