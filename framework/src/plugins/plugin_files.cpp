#include "plugins/plugin_files.h"

#include <algorithm>
#include <optional>

namespace sheafline {

namespace {

PluginFiles namedByParams(const PluginEntry& plugin, const ParamValues& values) {
    PluginFiles files;
    for (const ParamSpec& spec : plugin.params) {
        if (spec.type != ParamType::path) continue;
        const auto given = values.find(spec.name);
        const std::string& path =
            given == values.end() ? spec.default_value.value_or("") : given->second.text;
        if (!path.empty()) files.result.emplace_back(path);
    }
    return files;
}

std::optional<PluginFiles> askedOf(const PluginEntry& plugin, const ParamValues& values,
                                   const std::filesystem::path& base) {
    if (plugin.descriptor->files == nullptr) return std::nullopt;
    // A boundary: a template with an error, say, makes the author's code throw. The run reports it.
    try {
        Params params(values, base);
        return plugin.descriptor->files(params);
    } catch (...) {
        return std::nullopt;
    }
}

void makeAbsolute(std::vector<std::filesystem::path>& paths, const std::filesystem::path& base) {
    for (auto& path : paths) path = std::filesystem::absolute(base / path).lexically_normal();
    std::ranges::sort(paths);
    // Not std::ranges::unique: clang 14, which builds the fuzz targets, cannot compile that of
    // g++ 12.
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
}

}  // namespace

PluginFiles pluginFiles(const PluginEntry& plugin, const ParamValues& values,
                        const std::filesystem::path& base) {
    PluginFiles files = askedOf(plugin, values, base).value_or(namedByParams(plugin, values));
    makeAbsolute(files.result, base);
    makeAbsolute(files.scores, base);
    return files;
}

}  // namespace sheafline
