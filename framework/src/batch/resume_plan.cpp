#include "batch/resume_plan.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/clocks.h"
#include "batch/batch_scope.h"
#include "batch/run/batch_pipeline.h"
#include "batch/run/step.h"
#include "history/decisions/decision_reader.h"
#include "pipeline/fingerprint.h"

namespace sheafline {

namespace {

using Fate = PlannedStage::Fate;

// Its files were never synced one by one: a reboot, a lost tmpfs or a cleanup may have removed
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

    PlannedStage planned(const PipelineStage& use, const ResumePlan& before) const {
        PlannedStage stage{.stage_id = use.id};
        const auto row = std::find_if(stages_.begin(), stages_.end(),
                                      [&](const StageRow& r) { return r.stage_id == use.id; });
        if (row == stages_.end() || !row->fingerprint) return stage;
        const PluginDescriptor& plugin = *plugins_.find(PluginKind::stage, use.uses)->descriptor;
        if (appliesDecisions() && isOver(row->state)) return keptByApply(std::move(stage), *row);
        const FingerprintChange change = changeOf(use, *row, before);
        stage.why = change.reason;
        if (change.kind == FingerprintChange::Kind::scores && plugin.reads_sheets) {
            stage.fate = Fate::scores;
        } else if (change.kind != FingerprintChange::Kind::none) {
            stage.fate = Fate::reruns;
        } else if (!isOver(row->state)) {
            stage.fate = Fate::continues;
            stage.why = "it had not ended";
        } else if (filesAreGone(plugin, *row, work_folder_)) {
            stage.fate = Fate::rebuilds;
            stage.why = "its files no longer exist";
        } else {
            stage.fate = Fate::done;
        }
        return stage;
    }

 private:
    bool appliesDecisions() const { return std::ranges::any_of(stages_, &StageRow::changes_only); }

    // An apply of decisions does only what they change, even if a file has changed since. Files
    // that no longer exist are restored only for a stage that uses them.
    PlannedStage keptByApply(PlannedStage stage, const StageRow& row) const {
        stage.fate = Fate::done;
        const PluginDescriptor& plugin = *plugins_.find(PluginKind::stage, row.plugin)->descriptor;
        const bool needed =
            row.changes_only || std::ranges::any_of(stages_, [&](const StageRow& other) {
                const PluginEntry* user = plugins_.find(PluginKind::stage, other.plugin);
                return !other.in_finally && !isOver(other.state) && !other.changes_only &&
                       (user == nullptr || !user->descriptor->rows_only);
            });
        if (!needed || !filesAreGone(plugin, row, work_folder_)) return stage;
        stage.fate = Fate::rebuilds;
        stage.why = "its files no longer exist";
        return stage;
    }

    FingerprintChange changeOf(const PipelineStage& use, const StageRow& row,
                               const ResumePlan& before) const {
        for (const std::string& id : use.needs) {
            const Fate fate = before.of(id).fate;
            if (fate == Fate::reruns || fate == Fate::scores)
                return {.kind = FingerprintChange::Kind::result, .reason = id + " runs again"};
        }
        return changeSince(*row.fingerprint, use, plugins_, scope_, pipeline_.file);
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
    const bool waiting_only = fate == Fate::continues || fate == Fate::scores;
    return waiting_only && per_sheet ? batch.sheets_total - settled : batch.sheets_total;
}

}  // namespace

std::string_view toString(PlannedStage::Fate fate) {
    constexpr std::array<std::string_view, 6> kNames{
        "is kept", "continues", "restores its files", "starts", "scores again", "runs again"};
    return kNames.at(static_cast<std::size_t>(fate));
}

const PlannedStage& ResumePlan::of(const std::string& stage_id) const {
    const auto found = std::find_if(stages.begin(), stages.end(), [&](const PlannedStage& stage) {
        return stage.stage_id == stage_id;
    });
    if (found == stages.end()) throw std::out_of_range("there is no stage " + stage_id);
    return *found;
}

std::optional<NextExecution> ResumePlan::nextExecution() const {
    NextExecution next{.readings = readings, .codes = codes};
    for (const PlannedStage& stage : stages) {
        if (stage.fate == Fate::reruns || stage.fate == Fate::scores)
            next.reruns.push_back({.stage_id = stage.stage_id, .keeps_checkpoint = false});
    }
    return next.reruns.empty() ? std::nullopt : std::optional(next);
}

ResumePlan planResume(const Pipeline& pipeline, const BatchRow& batch,
                      const std::vector<StageRow>& stages, const PluginCatalog& plugins,
                      const ExpressionScope& scope, const std::filesystem::path& work_folder) {
    ExpressionScope known = scope;
    for (const StageRow& row : stages) addStageValues(known, row);
    const Planner planner(stages, plugins, known, pipeline, work_folder);
    ResumePlan plan;
    // A stage may be listed above the stages that it needs.
    std::vector<const PipelineStage*> open;
    for (const PipelineStage& use : pipeline.stages) open.push_back(&use);
    while (!open.empty()) {
        const auto next = std::find_if(open.begin(), open.end(), [&](const PipelineStage* use) {
            return std::none_of(open.begin(), open.end(), [&](const PipelineStage* other) {
                return std::count(use->needs.begin(), use->needs.end(), other->id) > 0;
            });
        });
        const PipelineStage& use = **next;  // the loader rejects circles
        open.erase(next);
        PlannedStage stage = planner.planned(use, plan);
        const PluginDescriptor& plugin = *plugins.find(PluginKind::stage, use.uses)->descriptor;
        stage.sheets = sheetsOf(stage.fate, plugin.reads_sheets || plugin.groups_sheets, batch);
        if (stage.fate == Fate::reruns && plugin.reads_sheets) plan.readings = SheetChoice::all;
        if (stage.fate == Fate::reruns && plugin.groups_sheets) plan.codes = SheetChoice::all;
        if (stage.fate == Fate::scores && plan.readings == SheetChoice::none)
            plan.readings = SheetChoice::scores;
        plan.stages.push_back(std::move(stage));
    }
    return plan;
}

ResumePlan planResume(HistoryReader& history, const BatchRow& batch, const PluginCatalog& plugins,
                      const DataFolder& folder) {
    const Pipeline pipeline = batchPipeline(
        batch, DecisionReader(history.database()).scoringKey(batch.batch_id), plugins, folder);
    const auto stages = history.stages(batch.batch_id, batch.execution);
    Redactor redactor;
    return planResume(pipeline, batch, stages, plugins,
                      batchScope(batch, pipeline, folder, redactor), folder.work(batch.batch_id));
}

}  // namespace sheafline
