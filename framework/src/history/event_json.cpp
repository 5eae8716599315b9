#include "history/event_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/json_text.h"

namespace sheafline {

namespace {

void key(std::string& json, std::string_view name) {
    if (json.size() > 1) json += ',';
    json += '"';
    json += name;
    json += "\":";
}

void text(std::string& json, std::string_view name, std::string_view value) {
    key(json, name);
    appendJsonText(json, value);
}

void integer(std::string& json, std::string_view name, std::uint64_t value) {
    key(json, name);
    json += std::to_string(value);
}

void percent(std::string& json, std::string_view name, int tenths) {
    key(json, name);
    json += std::to_string(tenths / 10);
    json += '.';
    json += static_cast<char>('0' + tenths % 10);
}

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
    std::string json = "{";
    json.reserve(384 + draft.message.size());
    text(json, "stage", draft.stage);
    text(json, "message", draft.message);
    percent(json, "progress_percentage",
            draft.complete ? 1000 : percentTenths(draft.done, draft.total));
    integer(json, "sheets_total", frame.sheets_total);
    integer(json, "sheets_processed", frame.sheets_processed);
    integer(json, "elapsed_seconds", static_cast<std::uint64_t>(frame.elapsed_seconds));
    text(json, "timestamp", frame.timestamp);
    text(json, "batch_id", frame.batch_id);
    integer(json, "seq", frame.seq);
    if (!draft.stage_id.empty()) text(json, "stage_id", draft.stage_id);
    integer(json, "execution", static_cast<std::uint64_t>(frame.execution));
    if (draft.attempt > 0) integer(json, "attempt", static_cast<std::uint64_t>(draft.attempt));
    if (draft.eta_seconds) integer(json, "eta_seconds", wholeSeconds(*draft.eta_seconds));
    if (draft.rate_per_second && std::isfinite(*draft.rate_per_second)) {
        key(json, "rate_per_second");
        std::array<char, 40> rate{};
        std::snprintf(rate.data(), rate.size(), "%.1f", *draft.rate_per_second);
        json += rate.data();
    }
    integer(json, "sheets_failed", frame.sheets_failed);
    percent(json, "overall_percentage", frame.overall_tenths);
    if (draft.error) {
        key(json, "error");
        std::string error = "{";
        text(error, "code", draft.error->code);
        text(error, "message", draft.error->message);
        text(error, "stage", draft.error->stage);
        json += error + "}";
    }
    return json += '}';
}

}  // namespace sheafline
