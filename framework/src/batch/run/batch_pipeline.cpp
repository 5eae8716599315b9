#include "batch/run/batch_pipeline.h"

#include <algorithm>

#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

constexpr const char* kKey = "key";

bool takesKey(const PluginEntry* plugin) {
    return plugin != nullptr && std::ranges::any_of(plugin->params, [](const ParamSpec& spec) {
               return spec.name == kKey && spec.type == ParamType::path;
           });
}

bool takesKey(const PipelineStage& stage, const PluginCatalog& plugins) {
    if (takesKey(plugins.find(PluginKind::stage, stage.uses))) return true;
    const auto processor = stage.with.find("processor");
    return processor != stage.with.end() &&
           takesKey(plugins.find(PluginKind::processor, processor->second.value.text));
}

// As a text without an expression.
std::string literal(std::string text) {
    for (auto at = text.find("${{"); at != std::string::npos; at = text.find("${{", at + 4))
        text.insert(at, "$");
    return text;
}

}  // namespace

Pipeline batchPipeline(const BatchRow& batch, const std::string& scoring_key,
                       const PluginCatalog& plugins, const DataFolder& folder) {
    Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
    if (scoring_key.empty()) return pipeline;
    const auto file = std::filesystem::absolute(keyFolder(folder, batch.batch_id) / scoring_key);
    for (PipelineStage& stage : pipeline.stages) {
        if (takesKey(stage, plugins))
            stage.with[kKey] = RawValue{.value = {.text = literal(file.string())}};
    }
    return pipeline;
}

std::filesystem::path keyFolder(const DataFolder& folder, const std::string& batch_id) {
    return folder.batch(batch_id) / "keys";
}

}  // namespace sheafline
