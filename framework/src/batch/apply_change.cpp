#include "batch/apply_change.h"

#include <algorithm>
#include <set>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/progress.h>
#include <sheafline/shown_text.h>

#include "batch/run/step.h"
#include "history/decisions/decision_reader.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

struct Needs {
    bool images = false;  // a sheet is read again
    bool codes = false;   // the codes and groups of sheets change
    bool scores = false;  // every sheet is scored again
};

void add(Needs& needs, HistoryReader& history, const std::string& batch_id,
         const Decision& decision) {
    switch (decision.kind) {
        case DecisionKind::qr:
        case DecisionKind::read_again:
            needs.images = true;
            needs.codes = true;
            return;
        case DecisionKind::score:
            needs.scores = true;
            return;
        case DecisionKind::discard:
            needs.codes = true;
            return;
        case DecisionKind::undo:
            if (auto undone = DecisionReader(history.database()).find(batch_id, decision.undoes)) {
                const bool was_discarded = undone->kind == DecisionKind::discard;
                add(needs, history, batch_id, *undone);
                if (was_discarded && !history.reading(batch_id, undone->sheet)) needs.images = true;
            }
            return;
        default:
            return;
    }
}

const PluginDescriptor& pluginOf(const PluginCatalog& plugins, const PipelineStage& stage) {
    return *plugins.find(PluginKind::stage, stage.uses)->descriptor;
}

// Restores files that other stages use; its result does not change.
bool restoresFiles(const PluginDescriptor& plugin) {
    return plugin.rebuilds && !plugin.groups_sheets && !plugin.reads_sheets;
}

// Whether the stage can do the changed sheets alone.
bool doesSheets(const PluginDescriptor& plugin) {
    return plugin.reads_sheets || plugin.groups_sheets || plugin.rows_only;
}

// The ids of the stages whose results change. A stage may be listed above the stages that it needs.
std::set<std::string> changedStages(const Pipeline& pipeline, const PluginCatalog& plugins,
                                    const Needs& needs) {
    std::set<std::string> changed;
    for (const PipelineStage& stage : pipeline.stages) {
        const PluginDescriptor& plugin = pluginOf(plugins, stage);
        if (plugin.reads_sheets || (plugin.groups_sheets && needs.codes)) changed.insert(stage.id);
    }
    for (std::size_t before = 0; before != changed.size();) {
        before = changed.size();
        for (const PipelineStage& stage : pipeline.stages) {
            const bool follows = std::ranges::any_of(
                stage.needs, [&](const std::string& id) { return changed.contains(id); });
            if (follows) changed.insert(stage.id);
        }
    }
    return changed;
}

// The stage that reads sheets has other options with another key. Without its fingerprint, that is
// no reason to read the sheets again.
bool forgetsOptions(const PluginCatalog& plugins, const StageRow& row, const Needs& needs) {
    const PluginEntry* plugin = plugins.find(PluginKind::stage, row.plugin);
    return needs.scores && plugin != nullptr && plugin->descriptor->reads_sheets;
}

std::vector<RerunStage> allOf(const PluginCatalog& plugins, const std::vector<StageRow>& rows,
                              const Needs& needs) {
    std::vector<RerunStage> reruns;
    reruns.reserve(rows.size());
    for (const StageRow& row : rows)
        reruns.push_back(
            {.stage_id = row.stage_id,
             .keeps_checkpoint = !row.in_finally && !forgetsOptions(plugins, row, needs)});
    return reruns;
}

}  // namespace

BatchRow endedBatch(HistoryReader& history, const std::string& batch_id, const char* what) {
    auto batch = history.batch(batch_id);
    if (!batch) throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
    if (batch->state == BatchState::cancelled)
        throw ConfigError("the batch '" + batch_id +
                          "' was cancelled and cannot be changed; start a new batch");
    if (!isFinal(batch->state))
        throw ConfigError("the batch '" + batch_id + "' is " + std::string(toString(batch->state)) +
                          "; it can be " + what + " once it has ended");
    return std::move(*batch);
}

std::vector<RerunStage> rerunsOf(HistoryReader& history, const PluginCatalog& plugins,
                                 const BatchRow& batch, const std::vector<Decision>& decisions) {
    const auto rows = history.stages(batch.batch_id, batch.execution);
    Needs needs;
    for (const Decision& decision : decisions) add(needs, history, batch.batch_id, decision);
    Pipeline pipeline;
    try {
        pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
    } catch (const ConfigError&) {
        // A plugin is missing: the next execution fails with its name.
        return allOf(plugins, rows, needs);
    }
    const auto changed = changedStages(pipeline, plugins, needs);
    std::vector<RerunStage> reruns;
    for (const StageRow& row : rows) {
        if (row.in_finally) {
            reruns.push_back({.stage_id = row.stage_id, .keeps_checkpoint = false});
            continue;
        }
        const auto stage = std::ranges::find(pipeline.stages, row.stage_id, &PipelineStage::id);
        if (stage == pipeline.stages.end()) return allOf(plugins, rows, needs);
        const PluginDescriptor& plugin = pluginOf(plugins, *stage);
        const bool over = isOver(row.state);
        const bool again =
            changed.contains(row.stage_id) || (needs.images && restoresFiles(plugin));
        if (over && again && !doesSheets(plugin) && !restoresFiles(plugin))
            return allOf(plugins, rows, needs);
        // A checkpoint that counts rows holds for the rows before these decisions only.
        if (!over || again)
            reruns.push_back({.stage_id = row.stage_id,
                              .keeps_checkpoint = !(over && plugin.rows_only) &&
                                                  !forgetsOptions(plugins, row, needs),
                              .changes_only = over && row.state != StageState::skipped});
    }
    return reruns;
}

Change applyChange(HistoryReader& history, const PluginCatalog& plugins,
                   const std::string& batch_id) {
    const auto found = history.batch(batch_id);
    const bool reviewing = found && found->state == BatchState::reviewing;
    const BatchRow batch =
        reviewing ? *found : endedBatch(history, batch_id, "changed by decisions");
    const auto pending =
        DecisionReader(history.database()).list(batch_id, {.state = DecisionState::pending});
    if (pending.empty())
        throw ConfigError("the batch '" + batch_id + "' has no pending decision to apply");
    Change change{.batch_id = batch_id,
                  .expected = Expected{.states = {batch.state}, .execution = batch.execution},
                  .apply = ApplyDecisions{.last = pending.back().id, .reversible = !reviewing},
                  .state = BatchState::running,
                  .events = {{.stage = std::string(toString(ProcessingStage::queued)),
                              .message = "Applying " + counted(pending.size(), "decision")}}};
    auto reruns = rerunsOf(history, plugins, batch, pending);
    // A batch in review continues its execution.
    if (reviewing) {
        change.apply->reruns = std::move(reruns);
    } else {
        change.next_execution.emplace().reruns = std::move(reruns);
    }
    return change;
}

std::string applyRequest(const std::string& batch_id) { return "apply " + batch_id; }

}  // namespace sheafline
