// The pipeline that a person names on the command line: a file, or the name of an installed
// pipeline (the setting pipelines-dir says where those are).
#pragma once

#include <string>

#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"
#include "settings/settings.h"

namespace sheafline {

// Throws ConfigError for a file with errors, and for a name that is neither, with the nearest one.
Pipeline namedPipeline(const std::string& name, const PluginCatalog& plugins,
                       const Settings& settings);

}  // namespace sheafline
