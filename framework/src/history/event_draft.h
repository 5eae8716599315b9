// An event before the history commits it. A value.
#pragma once

#include <optional>
#include <string>

namespace sheafline {

struct EventError {
    std::string code{};
    std::string message{};
    std::string stage{};  // the id of the stage that failed
};

// The history adds the seq, the counts of sheets, the times and the overall percentage.
struct EventDraft {
    std::string stage_id{};
    std::string stage{};
    std::string message{};
    double done = 0;
    double total = 0;
    bool complete = false;  // 100 %, independent of done and total
    int attempt = 0;        // 0: does not apply
    std::optional<double> eta_seconds{};
    std::optional<double> rate_per_second{};
    std::optional<EventError> error{};
};

}  // namespace sheafline
