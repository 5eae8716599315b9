// What `plan` and `validate --environment` begin with: the pipeline that a person named, the
// plugins that it uses, and the values of its params. Throws ConfigError.
#pragma once

#include "commands/commands.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"
#include "settings/settings.h"

namespace sheafline {

struct ChosenPipeline {
    ChosenPipeline(const EnvironmentOptions& options, const Settings& settings);

    const PluginCatalog plugins;
    const Pipeline pipeline;
    const ParamValues params;
};

}  // namespace sheafline
