#include "owner/sink_feed_loop.h"

#include <algorithm>
#include <climits>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/progress.h>

namespace sheafline {

namespace {

constexpr std::size_t kEventsAtOnce = 500;
constexpr const char* kOff = "SINK_OFF";
constexpr std::chrono::seconds kLookForTurn{1};

struct Abandoned {};  // unwinds a thread that returned from its sink too late

std::string inSeconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

SinkFeedLoop::SinkFeedLoop(SinkFeedOptions options, std::unique_ptr<Sink> sink, History& history,
                           const sql::Place& place, Log& log)
    : options_(std::move(options)),
      history_(history),
      log_(log),
      sink_(std::move(sink)),
      reader_(place) {
    cursor_ = firstCursor();
}

// A live sink starts with the next event. A durable one continues after its cursor; without one it
// starts with the first event of its batch, or of the history.
std::int64_t SinkFeedLoop::firstCursor() {
    const std::int64_t newest = history_.lastEventId();
    if (!options_.durable) return newest;
    if (const auto cursor = reader_.cursor(options_.name)) return *cursor;
    if (options_.batch_id.empty()) return 0;
    const std::int64_t first = reader_.firstEventId(options_.batch_id);
    return first == 0 ? newest : first - 1;
}

void SinkFeedLoop::run() {
    try {
        feed();
        if (options_.leases != nullptr) options_.leases->giveBack(sinkLease(options_.name));
        waitForStop();  // others may use the sink until then, such as the hub of streams
        inSink([this] { sink_.reset(); });
    } catch (const Abandoned&) {
        // The history and the log no longer exist, and the process is about to end.
    }
    const std::lock_guard lock(mutex_);
    finished_ = true;
    moved_.notify_all();
}

void SinkFeedLoop::feed() {
    try {
        if (attached()) feedEvents();
    } catch (const std::exception& error) {
        note(SinkError{.code = "SINK", .message = error.what()});
    }
}

bool SinkFeedLoop::attached() {
    while (!stopped()) {
        auto failure = inSink([this] { sink_->attach(*this); });
        const bool failed = failure.has_value();
        note(std::move(failure));
        if (!failed) return true;
        pause(backoff_.next());
    }
    return false;
}

// Whether this server feeds the sink. A server that takes it over continues where the last one
// stored that the sink has all events.
bool SinkFeedLoop::hasTurn() {
    if (options_.leases == nullptr) return true;
    const std::string lease = sinkLease(options_.name);
    if (options_.leases->holds(lease)) return true;
    bool taken = false;
    try {
        taken = options_.leases->take(lease);
        const std::int64_t cursor = firstCursor();
        const std::lock_guard lock(mutex_);
        cursor_ = cursor;
        elsewhere_ = !taken;
    } catch (const Error&) {
        return false;  // the history cannot be reached, which its writer reports
    }
    return taken;
}

void SinkFeedLoop::feedEvents() {
    while (!stopped()) {
        if (!hasTurn()) {
            pause(kLookForTurn);
            continue;
        }
        const std::int64_t cursor = cursor_;
        const std::int64_t newest = history_.waitForEvent(cursor, stop_.get_token());
        if (newest <= cursor) return;
        const Delivery delivery = deliverBetween(cursor, newest);
        if (delivery.reached == cursor) {
            if (off_) return;
            pause(backoff_.next());
            continue;
        }
        backoff_.reset();
        // Events of other batches move the cursor in memory only, or each of them would cost a row.
        if (options_.durable && delivery.events > 0)
            history_.setCursor(options_.name, delivery.reached);
        {
            const std::lock_guard lock(mutex_);
            cursor_ = delivery.reached;
        }
        moved_.notify_all();
    }
}

// Delivers the events with an id in (cursor, newest], as many as one call takes.
SinkFeedLoop::Delivery SinkFeedLoop::deliverBetween(std::int64_t cursor, std::int64_t newest) {
    Delivery delivery{.reached = newest};
    auto failure = inSink([&] {
        const auto events =
            options_.batch_id.empty()
                ? reader_.eventsAfter(cursor, kEventsAtOnce)
                : reader_.eventsBetween(options_.batch_id, cursor, newest, kEventsAtOnce);
        delivery.events = events.size();
        if (events.empty()) return;
        const bool all = events.size() < kEventsAtOnce;
        delivery.reached = all ? std::max(newest, events.back().event_id) : events.back().event_id;
        sink_->deliver(events);
    });
    if (failure) delivery.reached = cursor;
    if (failure && failure->code == kOff) switchOff(*failure);
    note(std::move(failure));
    return delivery;
}

// Runs one call of the sink; throws Abandoned where the feed has ended meanwhile. Whatever the sink
// throws is returned.
std::optional<SinkError> SinkFeedLoop::inSink(const std::function<void()>& call) {
    {
        const std::lock_guard lock(mutex_);
        in_sink_since_ = Clock::now();
        moved_.notify_all();
    }
    std::optional<SinkError> failure;
    try {
        call();
    } catch (const Error& error) {
        failure = {.code = error.code(), .message = error.what()};
    } catch (const std::exception& error) {
        failure = {.code = "SINK", .message = error.what()};
    } catch (...) {
        failure = {.code = "SINK", .message = "it threw an object that is not a std::exception"};
    }
    const std::lock_guard lock(mutex_);
    in_sink_since_.reset();
    moved_.notify_all();
    if (abandoned_) throw Abandoned{};
    return failure;
}

void SinkFeedLoop::switchOff(const SinkError& failure) {
    {
        const std::lock_guard lock(mutex_);
        off_ = true;
        moved_.notify_all();
    }
    log_.error("sink " + options_.name + " is switched off: " + failure.message);
    if (options_.batch_id.empty()) return;
    const auto row = reader_.batch(options_.batch_id);
    if (!row || isFinal(row->state)) return;  // nothing follows a final event
    const std::string message =
        "The sink " + options_.name + " is switched off: " + failure.message;
    history_.submit({.batch_id = options_.batch_id,
                     .events = {{.stage = std::string(toString(ProcessingStage::queued)),
                                 .message = message,
                                 .error = EventError{.code = kOff, .message = message}}}},
                    {});
}

void SinkFeedLoop::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    moved_.wait_for(lock, stop_.get_token(), time, [] { return false; });
}

void SinkFeedLoop::waitForStop() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, stop_.get_token(), [] { return false; });
}

// Logs a failure once when it begins, when its code changes, and when it is over.
void SinkFeedLoop::note(std::optional<SinkError> failure) {
    std::optional<SinkError> before;
    bool hung = false;
    {
        const std::lock_guard lock(mutex_);
        before = std::exchange(error_, failure);
        hung = std::exchange(hang_logged_, false);
    }
    if (failure && failure->code != kOff && (!before || before->code != failure->code))
        log_.warning("sink " + options_.name + " fails and is tried again: " + failure->message);
    if (!failure && (before || hung)) log_.info("sink " + options_.name + " works again");
}

std::optional<BatchView> SinkFeedLoop::batch(std::string_view batch_id) {
    const auto row = reader_.batch(batch_id);
    if (!row) return std::nullopt;
    if (options_.view) return options_.view(*row, reader_);
    return BatchView{.user = row->user,
                     .pipeline = row->pipeline,
                     .state = std::string(toString(row->state)),
                     .execution = row->execution,
                     .created_at = row->created_at};
}

std::vector<CommittedEvent> SinkFeedLoop::events(std::string_view batch_id, std::uint64_t after_seq,
                                                 std::size_t max) {
    return reader_.eventsOf(batch_id, after_seq,
                            static_cast<int>(std::min<std::size_t>(max, INT_MAX)));
}

bool SinkFeedLoop::hangs() const {
    return in_sink_since_ && Clock::now() - *in_sink_since_ >= options_.call_limit;
}

SinkState SinkFeedLoop::state() {
    const std::int64_t newest = history_.lastEventId();
    const std::lock_guard lock(mutex_);
    SinkState state{.name = options_.name, .lag = newest - cursor_, .error = error_};
    if (!hangs()) return state;
    state.error = {.code = "SINK_HUNG",
                   .message = "it has not returned from a call within " +
                              inSeconds(options_.call_limit) +
                              "; correct the plugin, then start the program again"};
    if (!std::exchange(hang_logged_, true))
        log_.warning("sink " + options_.name + " hangs: " + state.error->message);
    return state;
}

bool SinkFeedLoop::drain(Clock::time_point deadline) {
    const std::int64_t goal = history_.lastEventId();
    std::unique_lock lock(mutex_);
    const auto over = [&] { return cursor_ >= goal || off_ || elsewhere_ || finished_; };
    if (hangs()) return over();
    return moved_.wait_until(lock, deadline, over);
}

void SinkFeedLoop::askToStop() {
    {
        const std::lock_guard lock(mutex_);
        leave_at_ = std::min(leave_at_, Clock::now() + options_.stop_patience);
    }
    stop_.request_stop();
}

bool SinkFeedLoop::waitForEnd() {
    std::unique_lock lock(mutex_);
    // Outside of the sink the thread ends by itself, and uses the history until then.
    const auto in_call_or_over = [this] { return finished_ || in_sink_since_; };
    while (!finished_) {
        moved_.wait(lock, in_call_or_over);
        if (finished_) break;
        if (Clock::now() >= leave_at_) {
            abandoned_ = true;
            return false;
        }
        moved_.wait_until(lock, leave_at_, [this] { return finished_ || !in_sink_since_; });
    }
    return true;
}

}  // namespace sheafline
