#include "batch/batch_plan.h"

namespace sheafline {

std::vector<NewStage> planOf(const Pipeline& pipeline, const PluginCatalog& plugins) {
    std::vector<NewStage> plan;
    const auto add = [&](const PipelineStage& use, bool in_finally) {
        const PluginDescriptor& plugin = *plugins.find(PluginKind::stage, use.uses)->descriptor;
        plan.push_back({.stage_id = use.id,
                        .stage = std::string(plugin.stage.text()),
                        .plugin = use.uses,
                        .plugin_version = std::string(plugin.version),
                        .weight = use.weight.value_or(plugin.weight),
                        .in_finally = in_finally});
    };
    for (const PipelineStage& use : pipeline.stages) add(use, false);
    for (const PipelineStage& use : pipeline.finally) add(use, true);
    return plan;
}

}  // namespace sheafline
