#include "pipeline/fingerprint_v1.h"

#include <algorithm>

#include <sheafline/error.h>

#include "base/file_digest.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

constexpr std::uintmax_t kDigestedBytes = 1U << 20U;

// Version 1 knew the batch's input, which may be deleted once it is copied, by this text.
bool namesInput(const RawValue& raw) {
    return raw.value.text.find("params.input") != std::string::npos;
}

std::string digestOf(const std::string& name, const RawValue& raw, const ExpressionScope& scope,
                     const std::filesystem::path& pipeline_file) {
    if (namesInput(raw)) return {};
    try {
        const ParamValues values = resolveValues({{name, raw}}, scope, pipeline_file);
        if (values.empty() || values.begin()->second.text.empty()) return {};
        const auto file = pipeline_file.parent_path() / values.begin()->second.text;
        std::error_code error;
        if (!std::filesystem::is_regular_file(file, error) ||
            std::filesystem::file_size(file, error) > kDigestedBytes)
            return {};
        return sha256OfFile(file);
    } catch (const ConfigError&) {
        return {};  // the value is only known when the stage runs
    }
}

}  // namespace

std::string fingerprintV1(const PipelineStage& use, const PluginCatalog& plugins,
                          const ExpressionScope& scope, const std::filesystem::path& file) {
    const PluginEntry& stage = *plugins.find(PluginKind::stage, use.uses);  // the loader checked it
    std::vector<ParamSpec> specs = stage.params;
    std::string text = use.uses + '\0' + std::string(stage.descriptor->version);
    for (const ParamSpec& spec : stage.params) {
        const auto named = use.with.find(spec.name);
        if (spec.type != ParamType::processor || named == use.with.end()) continue;
        const PluginEntry* processor =
            plugins.find(PluginKind::processor, named->second.value.text);
        if (processor == nullptr) continue;
        text += '\0' + std::string(processor->descriptor->version);
        specs.insert(specs.end(), processor->params.begin(), processor->params.end());
    }
    for (const auto& [name, raw] : use.with) {
        text += '\0' + name + '\0' + raw.value.text;
        for (const std::string& item : raw.value.list) text += '\0' + item;
        const bool is_path = std::any_of(specs.begin(), specs.end(), [&name = name](const auto& s) {
            return s.name == name && s.type == ParamType::path;
        });
        if (is_path) text += '\0' + digestOf(name, raw, scope, file);
    }
    return sha256Of(text);
}

}  // namespace sheafline
