// What a batch does when it goes on: which stages stand, which go on, and which run again because
// something that their result depends on has changed since. Pure: the same for `resume`, for
// `resume --plan`, which prints it, and for the runner.
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

struct StagePrognosis {
    enum class Fate {
        done,      // completed or skipped, and nothing changed
        goes_on,   // from its checkpoint, or where the sheets are
        rebuilds,  // its files are gone; its result stands
        starts,    // for the first time
        anew,      // what it did counts no more
    };
    std::string stage_id{};
    Fate fate = Fate::starts;
    std::string why{};
    std::size_t sheets = 0;  // at the most
};

std::string_view toString(StagePrognosis::Fate fate);

struct ResumePlan {
    std::vector<StagePrognosis> stages{};  // those before `finally`
    SheetsAgain readings = SheetsAgain::none;
    bool codes = false;

    const StagePrognosis& of(const std::string& stage_id) const;
    // The next execution, where a stage runs anew: what it loaded or wrote is replaced there.
    std::optional<NextExecution> nextExecution() const;
};

ResumePlan planResume(const Pipeline& pipeline, const BatchRow& batch,
                      const std::vector<StageRow>& stages, const PluginCatalog& plugins,
                      const ExpressionScope& scope, const std::filesystem::path& work_folder);

// The same from what the history has of the batch. Throws ConfigError where a plugin is missing.
ResumePlan planResume(const BatchRow& batch, const std::vector<StageRow>& stages,
                      const PluginCatalog& plugins, const DataFolder& folder);

}  // namespace sheafline
