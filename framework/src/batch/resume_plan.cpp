#include "batch/resume_plan.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/clocks.h"
#include "batch/batch_scope.h"
#include "pipeline/stage_fingerprint.h"

namespace sheafline {

namespace {

using Fate = StagePrognosis::Fate;

bool isOver(StageState state) {
    return state == StageState::completed || state == StageState::skipped;
}

// Its files were never made durable one by one: a reboot, a lost tmpfs or a cleanup may have taken
// them.
bool filesAreGone(const PluginDescriptor& plugin, const StageRow& row,
                  const std::filesystem::path& work_folder) {
    if (!plugin.rebuilds || row.state == StageState::skipped) return false;
    return row.boot_id != bootId() ||
           !std::filesystem::exists(work_folder / "stages" / row.stage_id);
}

class Planner {
 public:
    Planner(const std::vector<StageRow>& stages, const PluginCatalog& plugins,
            const ExpressionScope& scope, const Pipeline& pipeline,
            const std::filesystem::path& work_folder)
        : stages_(stages),
          plugins_(plugins),
          scope_(scope),
          pipeline_(pipeline),
          work_folder_(work_folder) {}

    StagePrognosis prognosis(const StageUse& use, const ResumePlan& before) const {
        StagePrognosis stage{.stage_id = use.id};
        const auto row = std::find_if(stages_.begin(), stages_.end(),
                                      [&](const StageRow& r) { return r.stage_id == use.id; });
        if (row == stages_.end() || !row->fingerprint) return stage;
        const PluginDescriptor& plugin = *plugins_.find(PluginKind::stage, use.uses)->descriptor;
        stage.why = whyAnew(use, *row, plugin, before);
        if (!stage.why.empty()) {
            stage.fate = Fate::anew;
        } else if (!isOver(row->state)) {
            stage.fate = Fate::goes_on;
            stage.why = "it had not ended";
        } else if (filesAreGone(plugin, *row, work_folder_)) {
            stage.fate = Fate::rebuilds;
            stage.why = "its files are gone";
        } else {
            stage.fate = Fate::done;
        }
        return stage;
    }

 private:
    std::string whyAnew(const StageUse& use, const StageRow& row, const PluginDescriptor& plugin,
                        const ResumePlan& before) const {
        for (const std::string& id : use.needs) {
            if (before.of(id).fate == Fate::anew) return id + " runs anew";
        }
        if (*row.fingerprint == stageFingerprint(use, plugins_, scope_, pipeline_.file)) return {};
        if (row.plugin_version != plugin.version) {
            return "its plugin is " + std::string(plugin.version) + " now, and was " +
                   row.plugin_version;
        }
        return "a file that its params name, or its processor, has changed";
    }

    const std::vector<StageRow>& stages_;
    const PluginCatalog& plugins_;
    const ExpressionScope& scope_;
    const Pipeline& pipeline_;
    const std::filesystem::path& work_folder_;
};

std::size_t sheetsOf(Fate fate, bool per_sheet, const BatchRow& batch) {
    if (fate == Fate::done) return 0;
    const auto settled = batch.sheets_read + batch.sheets_quarantined + batch.sheets_discarded;
    if (fate == Fate::goes_on && per_sheet) return batch.sheets_total - settled;
    return batch.sheets_total;
}

}  // namespace

std::string_view toString(StagePrognosis::Fate fate) {
    constexpr std::array<std::string_view, 5> kNames{"stands", "goes on", "restores its files",
                                                     "starts", "runs anew"};
    return kNames.at(static_cast<std::size_t>(fate));
}

const StagePrognosis& ResumePlan::of(const std::string& stage_id) const {
    const auto found = std::find_if(stages.begin(), stages.end(), [&](const StagePrognosis& stage) {
        return stage.stage_id == stage_id;
    });
    if (found == stages.end()) throw std::out_of_range("there is no stage " + stage_id);
    return *found;
}

std::optional<NextExecution> ResumePlan::nextExecution() const {
    NextExecution next{.readings = readings, .codes = codes};
    for (const StagePrognosis& stage : stages) {
        if (stage.fate == Fate::anew)
            next.again.push_back({.stage_id = stage.stage_id, .keeps_checkpoint = false});
    }
    return next.again.empty() ? std::nullopt : std::optional(next);
}

ResumePlan planResume(const Pipeline& pipeline, const BatchRow& batch,
                      const std::vector<StageRow>& stages, const PluginCatalog& plugins,
                      const ExpressionScope& scope, const std::filesystem::path& work_folder) {
    const Planner planner(stages, plugins, scope, pipeline, work_folder);
    ResumePlan plan;
    // The order of the needs is not the order of the file: a stage may stand above what it needs.
    std::vector<const StageUse*> open;
    for (const StageUse& use : pipeline.stages) open.push_back(&use);
    while (!open.empty()) {
        const auto next = std::find_if(open.begin(), open.end(), [&](const StageUse* use) {
            return std::none_of(open.begin(), open.end(), [&](const StageUse* other) {
                return std::count(use->needs.begin(), use->needs.end(), other->id) > 0;
            });
        });
        const StageUse& use = **next;  // the loader refuses circles
        open.erase(next);
        StagePrognosis stage = planner.prognosis(use, plan);
        const auto kind = plugins.find(PluginKind::stage, use.uses)->descriptor->stage.text();
        const bool reads = kind == toString(ProcessingStage::processing_sheets);
        const bool groups = kind == toString(ProcessingStage::organizing_qr);
        stage.sheets = sheetsOf(stage.fate, reads || groups, batch);
        if (stage.fate == Fate::anew && reads) plan.readings = SheetsAgain::all;
        if (stage.fate == Fate::anew && groups) plan.codes = true;
        plan.stages.push_back(std::move(stage));
    }
    return plan;
}

ResumePlan planResume(const BatchRow& batch, const std::vector<StageRow>& stages,
                      const PluginCatalog& plugins, const DataFolder& folder) {
    const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
    Redactor redactor;
    return planResume(pipeline, batch, stages, plugins,
                      batchScope(batch, pipeline, folder, redactor), folder.work(batch.batch_id));
}

}  // namespace sheafline
