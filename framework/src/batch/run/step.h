// One stage of a running batch, for the runner's thread: its state and its running attempt.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch/active_stage.h"
#include "history/change.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct Step {
    using Clock = std::chrono::steady_clock;

    const PipelineStage* use = nullptr;
    const PluginDescriptor* plugin = nullptr;
    bool in_finally = false;
    bool changes_only = false;  // it does only what people's decisions change
    StageState state = StageState::pending;
    int attempt = 0;
    std::optional<std::string> checkpoint{};
    std::unique_ptr<ActiveStage> active{};
    Clock::time_point deadline = Clock::time_point::max();
    Clock::time_point retry_at{};
    Clock::time_point stop_by = Clock::time_point::max();  // after that it counts as hung
    bool timed_out = false;
    std::optional<std::string> over_limit{};  // the message, once too many sheets are quarantined
};

inline bool isOver(StageState state) {
    return state == StageState::completed || state == StageState::skipped;
}

inline const Step* firstOpen(const std::vector<Step>& steps) {
    const auto next = std::ranges::find_if(steps, [](const Step& s) { return !isOver(s.state); });
    return next == steps.end() ? nullptr : &*next;
}

}  // namespace sheafline
