#include "command_parts/installed_pipeline.h"

#include <filesystem>
#include <vector>

#include <sheafline/error.h>

#include "base/did_you_mean.h"
#include "base/stderr_log.h"
#include "batches/pipeline_shelf.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

Pipeline namedPipeline(const std::string& name, const PluginCatalog& plugins,
                       const Settings& settings) {
    const std::filesystem::path path = name;
    std::error_code error;
    const bool is_file =
        std::filesystem::exists(path, error) && !std::filesystem::is_directory(path, error);
    if (is_file || path.has_parent_path() || path.has_extension())
        return loadPipeline(path, plugins);
    StderrLog log({.lowest = LogLevel::error}, "");
    PipelineShelf installed(settings.serve.pipelines_folder, plugins, log);
    if (const auto pipeline = installed.find(name)) return *pipeline;
    std::vector<std::string> known;
    for (const auto& pipeline : installed.all()) known.push_back(pipeline->name);
    throw ConfigError("there is no file '" + name + "' and no pipeline of that name in " +
                      settings.serve.pipelines_folder.string() + "; " + didYouMean(name, known));
}

}  // namespace sheafline
