#include "streams/history_events.h"

#include <algorithm>
#include <climits>

namespace sheafline {

std::vector<StreamEvent> HistoryEvents::read(std::string_view batch_id, std::uint64_t after_seq,
                                             std::size_t max) {
    const auto history = readers_.take();
    auto committed = history->eventsOf(batch_id, after_seq,
                                       static_cast<int>(std::min<std::size_t>(max, INT_MAX)));
    // Read after the events, so a final event here was also final when the events were read.
    const auto batch = history->batch(batch_id);
    std::vector<StreamEvent> events;
    events.reserve(committed.size());
    for (CommittedEvent& event : committed) {
        auto kind = StreamEventKind::progress;
        if (batch && event.seq == batch->seq && isFinal(batch->state)) {
            // Not by the state: after a failed apply of decisions, the batch is as it was before.
            kind = event.json.starts_with(R"({"stage":"completed")") ? StreamEventKind::complete
                                                                     : StreamEventKind::error;
        }
        events.push_back({.seq = event.seq, .kind = kind, .json = std::move(event.json)});
    }
    return events;
}

}  // namespace sheafline
