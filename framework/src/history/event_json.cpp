#include "history/event_json.h"

#include <algorithm>
#include <cmath>

#include <sheafline/json_writer.h>

namespace sheafline {

namespace {

std::uint64_t wholeSeconds(double seconds) {
    constexpr double kLongest = 1e9;  // thirty years; a longer time is not a useful estimate
    return static_cast<std::uint64_t>(
        std::llround(std::clamp(std::isnan(seconds) ? 0 : seconds, 0.0, kLongest)));
}

}  // namespace

int percentTenths(double done, double total) {
    if (!(total > 0) || !(done > 0)) return 0;
    if (done >= total) return 1000;
    return std::min(999, static_cast<int>(std::lround(done / total * 1000)));
}

std::string eventJson(const EventDraft& draft, const EventFrame& frame) {
    const int tenths = draft.complete ? 1000 : percentTenths(draft.done, draft.total);
    JsonWriter json(384 + draft.message.size());
    json.beginObject()
        .text("stage", draft.stage)
        .text("message", draft.message)
        .fixed("progress_percentage", tenths / 10.0, 1)
        .integer("sheets_total", frame.sheets_total)
        .integer("sheets_processed", frame.sheets_processed)
        .integer("elapsed_seconds", frame.elapsed_seconds)
        .text("timestamp", frame.timestamp)
        .text("batch_id", frame.batch_id)
        .integer("seq", frame.seq);
    if (!draft.stage_id.empty()) json.text("stage_id", draft.stage_id);
    json.integer("execution", frame.execution);
    if (draft.attempt > 0) json.integer("attempt", draft.attempt);
    if (draft.eta_seconds) json.integer("eta_seconds", wholeSeconds(*draft.eta_seconds));
    if (draft.rate_per_second && std::isfinite(*draft.rate_per_second))
        json.fixed("rate_per_second", *draft.rate_per_second, 1);
    json.integer("sheets_failed", frame.sheets_failed)
        .fixed("overall_percentage", frame.overall_tenths / 10.0, 1);
    if (frame.sheets_doubtful > 0) {
        json.integer("sheets_doubtful", frame.sheets_doubtful)
            .integer("answers_doubtful", frame.answers_doubtful);
    }
    if (draft.error) {
        json.key("error")
            .beginObject()
            .text("code", draft.error->code)
            .text("message", draft.error->message)
            .text("stage", draft.error->stage)
            .endObject();
    }
    return json.endObject().take();
}

}  // namespace sheafline
