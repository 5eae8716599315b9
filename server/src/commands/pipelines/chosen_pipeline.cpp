#include "commands/pipelines/chosen_pipeline.h"

#include <filesystem>

#include "command_parts/given_params.h"
#include "command_parts/installed_pipeline.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

ParamValues chosenParams(const EnvironmentOptions& options, const Pipeline& pipeline) {
    auto given = givenParams(options.set);
    if (options.input) given.emplace("input", *options.input);
    return resolveParams(pipeline, given, std::filesystem::current_path(), true);
}

}  // namespace

ChosenPipeline::ChosenPipeline(const EnvironmentOptions& options, const Settings& settings)
    : plugins(settings.plugin_folders),
      pipeline(namedPipeline(options.pipeline, plugins, settings)),
      params(chosenParams(options, pipeline)) {}

}  // namespace sheafline
