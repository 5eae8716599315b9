// The JSON of a progress event, as contract section 3 fixes it: keys in order, compact, encoded
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "history/change.h"

namespace sheafline {

// The values that the history adds at the commit.
struct EventFrame {
    std::string batch_id{};
    std::uint64_t seq = 0;
    int execution = 1;
    std::int64_t elapsed_seconds = 0;
    std::string timestamp{};  // YYYY-MM-DDTHH:MM:SSZ
    std::uint64_t sheets_total = 0;
    std::uint64_t sheets_processed = 0;
    std::uint64_t sheets_failed = 0;
    std::uint64_t sheets_doubtful = 0;  // shown unless 0, like the next one
    std::uint64_t answers_doubtful = 0;
    int overall_tenths = 0;  // tenths of a percent
};

std::string eventJson(const EventDraft& draft, const EventFrame& frame);

// A share as tenths of a percent: 0 to 999, and 1000 only when it is done. NaN is 0.
int percentTenths(double done, double total);

}  // namespace sheafline
