// What a batch does when it resumes: which stages are kept, which continue, and which run again
// because something that their result depends on has changed. Making the plan changes nothing.
// `resume`, the runner, and `resume --plan`, which prints it, use the same plan.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/data_folder.h"
#include "history/change.h"
#include "history/history_reader.h"
#include "language/expression.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct PlannedStage {
    enum class Fate {
        done,       // completed or skipped, and nothing changed
        continues,  // from its checkpoint, or with the sheets that wait
        rebuilds,   // its files no longer exist; its result is kept
        starts,     // for the first time
        scores,     // only scores changed: they are computed again from what was read
        reruns,     // what it did no longer counts
    };
    std::string stage_id{};
    Fate fate = Fate::starts;
    std::string why{};
    std::size_t sheets = 0;  // that it reads, at most
};

std::string_view toString(PlannedStage::Fate fate);

struct ResumePlan {
    std::vector<PlannedStage> stages{};  // those before `finally`
    SheetChoice readings = SheetChoice::none;
    SheetChoice codes = SheetChoice::none;

    const PlannedStage& of(const std::string& stage_id) const;
    // The next execution, if a stage runs again: there, what it loaded or wrote is replaced.
    std::optional<NextExecution> nextExecution() const;
};

ResumePlan planResume(const Pipeline& pipeline, const BatchRow& batch,
                      const std::vector<StageRow>& stages, const PluginCatalog& plugins,
                      const ExpressionScope& scope, const std::filesystem::path& work_folder);

// The same from what the history has of the batch. Throws ConfigError if a plugin is missing.
ResumePlan planResume(HistoryReader& history, const BatchRow& batch, const PluginCatalog& plugins,
                      const DataFolder& folder);

}  // namespace sheafline
