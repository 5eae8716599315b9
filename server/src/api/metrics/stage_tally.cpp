#include "api/metrics/stage_tally.h"

#include <algorithm>

namespace sheafline::api {

void StageTally::note(const Committed& committed) {
    if (committed.ended_stages.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const std::string& stage : committed.ended_stages)
        if (ended_.size() < kMostNotes) ended_.emplace_back(committed.batch_id, stage);
}

void StageTally::take(HistoryReader& history) {
    std::vector<std::pair<std::string, std::string>> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(ended_);
    }
    for (const auto& [batch_id, stage_id] : ended) {
        const auto batch = history.batch(batch_id);
        if (!batch) continue;
        const auto stages = history.stages(batch_id, batch->execution);
        const auto stage = std::ranges::find(stages, stage_id, &StageRow::stage_id);
        if (stage == stages.end() || !stage->elapsed_seconds) continue;
        const double seconds = *stage->elapsed_seconds;
        const std::lock_guard lock(mutex_);
        Times& times = times_[stage->stage];
        for (std::size_t i = 0; i < kBounds.size(); ++i)
            if (seconds <= kBounds.at(i)) ++times.at_most.at(i);
        ++times.all;
        times.seconds += seconds;
    }
}

void StageTally::write(MetricText& metrics) const {
    const std::lock_guard lock(mutex_);
    metrics.begin("sheafline_stage_seconds", "histogram",
                  "Time from the first start of a stage to its end, by the name in its events");
    for (const auto& [stage, times] : times_) {
        const std::string label = "stage=\"" + stage + '"';
        for (std::size_t i = 0; i < kBounds.size(); ++i) {
            std::ostringstream bound;
            bound << kBounds.at(i);
            metrics.sample("sheafline_stage_seconds_bucket", label + ",le=\"" + bound.str() + '"',
                           times.at_most.at(i));
        }
        metrics.sample("sheafline_stage_seconds_bucket", label + ",le=\"+Inf\"", times.all);
        metrics.sample("sheafline_stage_seconds_sum", label, times.seconds);
        metrics.sample("sheafline_stage_seconds_count", label, times.all);
    }
}

}  // namespace sheafline::api
