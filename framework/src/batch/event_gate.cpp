#include "batch/event_gate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <sheafline/utf8.h>

namespace sheafline {

namespace {

constexpr double kMovedShare = 0.002;
constexpr std::chrono::milliseconds kShortest{100};
constexpr std::chrono::seconds kLongest{5};
constexpr std::chrono::seconds kRateWindow{15};
constexpr int kMaxSteps = 200;
constexpr std::size_t kMaxMessageBytes = 1'000;

double share(const ProgressEvent& event) { return event.total > 0 ? event.done / event.total : 0; }

}  // namespace

EventGate::EventGate(std::string stage_id, std::string stage, int attempt)
    : stage_id_(std::move(stage_id)), stage_(std::move(stage)), attempt_(attempt) {}

void EventGate::clean(ProgressEvent& event) {
    const ProgressEvent before = event;
    const auto sound = [](double value) { return std::isfinite(value) && value > 0 ? value : 0; };
    event.total = sound(event.total);
    event.done = sound(event.done);
    if (event.total > 0) event.done = std::min(event.done, event.total);
    if (event.message.size() > kMaxMessageBytes) event.message.resize(kMaxMessageBytes);
    event.message = cleanUtf8(event.message);
    const bool changed =
        event.message != before.message || event.done != before.done || event.total != before.total;
    if (changed) ++cleaned_;
}

bool EventGate::due(Time now) const {
    if (!any_) return true;
    const auto passed = now - released_at_;
    if (passed >= kLongest) return true;
    return waiting_ && passed >= kShortest &&
           std::abs(share(newest_) - released_share_) >= kMovedShare;
}

std::optional<EventDraft> EventGate::offer(ProgressEvent event, Time now) {
    clean(event);
    const bool step = event.kind == EventKind::step && steps_ < kMaxSteps;
    newest_ = std::move(event);
    waiting_ = true;
    if (step) ++steps_;
    if (!step && !due(now)) return std::nullopt;
    return release(now);
}

std::optional<EventDraft> EventGate::pass(ProgressEvent event, Time now) {
    clean(event);
    newest_ = std::move(event);
    return release(now);
}

std::optional<EventDraft> EventGate::tick(Time now) {
    if (!any_ || !due(now)) return std::nullopt;
    return release(now);
}

std::optional<EventDraft> EventGate::finish(Time now) {
    if (any_ && !waiting_ && released_complete_) return std::nullopt;
    if (!any_) newest_.message = "Stage " + stage_id_ + " completed";
    EventDraft last = release(now);
    last.complete = true;
    last.eta_seconds.reset();
    return last;
}

EventDraft EventGate::release(Time now) {
    any_ = true;
    waiting_ = false;
    released_at_ = now;
    released_share_ = share(newest_);
    released_complete_ = newest_.total > 0 && newest_.done >= newest_.total;
    EventDraft draft{.stage_id = stage_id_,
                     .stage = stage_,
                     .message = newest_.message,
                     .done = newest_.done,
                     .total = newest_.total,
                     .attempt = attempt_};
    samples_.emplace_back(now, newest_.done);
    while (samples_.size() > 2 && now - samples_.front().first > kRateWindow) samples_.pop_front();
    const double seconds = std::chrono::duration<double>(now - samples_.front().first).count();
    const double moved = newest_.done - samples_.front().second;
    if (seconds > 0.5 && moved > 0) {
        draft.rate_per_second = moved / seconds;
        if (newest_.total > newest_.done)
            draft.eta_seconds = (newest_.total - newest_.done) * seconds / moved;
    }
    return draft;
}

}  // namespace sheafline
