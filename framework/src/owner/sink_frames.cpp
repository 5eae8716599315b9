#include "owner/sink_frames.h"

namespace sheafline {

void writeEvents(WireWriter& out, std::span<const CommittedEvent> events) {
    out.u64(events.size());
    for (const CommittedEvent& event : events)
        out.i64(event.event_id).text(event.batch_id).u64(event.seq).text(event.json);
}

std::vector<CommittedEvent> readEvents(WireReader& in) {
    std::vector<CommittedEvent> events;
    for (std::uint64_t left = in.u64(); left > 0; --left) {
        CommittedEvent event{.event_id = in.i64()};
        event.batch_id = in.text();
        event.seq = in.u64();
        event.json = in.text();
        events.push_back(std::move(event));
    }
    return events;
}

void writeBatch(WireWriter& out, const std::optional<BatchView>& batch) {
    out.flag(batch.has_value());
    if (!batch) return;
    out.text(batch->user).text(batch->pipeline).text(batch->state).i64(batch->execution);
    out.text(batch->created_at).i64(batch->ended_seconds).text(batch->status);
}

std::optional<BatchView> readBatch(WireReader& in) {
    if (!in.flag()) return std::nullopt;
    BatchView batch{.user = in.text()};
    batch.pipeline = in.text();
    batch.state = in.text();
    batch.execution = static_cast<int>(in.i64());
    batch.created_at = in.text();
    batch.ended_seconds = in.i64();
    batch.status = in.text();
    return batch;
}

}  // namespace sheafline
