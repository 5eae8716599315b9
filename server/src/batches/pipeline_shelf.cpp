#include "batches/pipeline_shelf.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "batches/operator_params.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

PipelineShelf::PipelineShelf(std::filesystem::path folder, const PluginCatalog& plugins, Log& log,
                             SettingTexts params)
    : folder_(std::move(folder)), plugins_(plugins), log_(log), params_(std::move(params)) {
    reload();
}

void PipelineShelf::reload() {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
        const auto kind = entry.path().extension();
        if (kind == ".yaml" || kind == ".yml" || kind == ".json") files.push_back(entry.path());
    }
    if (error) log_.warning("pipelines-dir " + folder_.string() + ": " + error.message());
    std::sort(files.rbegin(), files.rend());  // of two files with one name, the YAML file is used
    std::map<std::string, PipelinePtr> pipelines;
    OperatorParams params(params_);
    for (const auto& file : files) {
        try {
            auto pipeline =
                std::make_shared<const Pipeline>(params.appliedTo(loadPipeline(file, plugins_)));
            const std::string name = pipeline->name;
            if (!pipelines.emplace(name, std::move(pipeline)).second)
                log_.info(file.string() + ": the name '" + name +
                          "' is already used by another file");
        } catch (const OperatorParams::WrongValue&) {
            throw;
        } catch (const std::exception& wrong) {
            log_.warning(wrong.what());
        }
    }
    params.requireAllUsed();
    const std::lock_guard lock(mutex_);
    pipelines_ = std::move(pipelines);
}

PipelineShelf::PipelinePtr PipelineShelf::find(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = pipelines_.find(name);
    return found == pipelines_.end() ? nullptr : found->second;
}

std::vector<PipelineShelf::PipelinePtr> PipelineShelf::all() {
    const std::lock_guard lock(mutex_);
    std::vector<PipelinePtr> all;
    for (const auto& [name, pipeline] : pipelines_) all.push_back(pipeline);
    return all;
}

const ParamSpec* uploadParam(const Pipeline& pipeline) {
    const auto found =
        std::find_if(pipeline.params.begin(), pipeline.params.end(), [](const ParamSpec& param) {
            return param.name == "input" && param.type == ParamType::path;
        });
    return found == pipeline.params.end() ? nullptr : &*found;
}

}  // namespace sheafline
