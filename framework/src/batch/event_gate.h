// Thins the events of one stage run before they are committed: one when 0.2 % moved and 100 ms
// passed, or 5 s passed, and always the first and the last; of a counted series each one up to 200.
// Cleans the events of a plugin and computes rate and time left. Pure: the caller gives the time.
// One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <sheafline/progress.h>

#include "history/change.h"

namespace sheafline {

class EventGate {
 public:
    using Time = std::chrono::steady_clock::time_point;

    EventGate(std::string stage_id, std::string stage, int attempt);

    // Each returns the event to commit now, if there is one.
    std::optional<EventDraft> offer(ProgressEvent event, Time now);
    std::optional<EventDraft> pass(ProgressEvent event,
                                   Time now);    // this event, in any case
    std::optional<EventDraft> tick(Time now);    // time has passed
    std::optional<EventDraft> finish(Time now);  // the last one, with 100 %

    std::uint64_t cleaned() const { return cleaned_; }  // events with impossible numbers or texts

 private:
    void clean(ProgressEvent& event);
    bool due(Time now) const;
    EventDraft release(Time now);

    const std::string stage_id_;
    const std::string stage_;
    const int attempt_;
    ProgressEvent newest_{};
    bool waiting_ = false;  // newest_ was not released yet
    bool any_ = false;
    double released_share_ = 0;
    bool released_complete_ = false;
    Time released_at_{};
    int steps_ = 0;
    std::uint64_t cleaned_ = 0;
    std::deque<std::pair<Time, double>> samples_;  // of the last seconds, for the rate
};

}  // namespace sheafline
