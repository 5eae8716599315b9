// Describes pipeline files and the options of plugins, for editors and for people. Both are made
// from the specs that the loader uses. Pure; any thread.
#pragma once

#include <string>

#include "plugins/plugin_catalog.h"

namespace sheafline {

// The JSON Schema (draft-07) of pipeline files that use these plugins. What a schema cannot say
// (cycles, expressions, units in full) is left to the loader: what the schema rejects, the loader
// rejects.
std::string pipelineSchema(const PluginCatalog& plugins);

// A plugin's params, one line each: name, type, default and range, help.
std::string paramsText(const PluginEntry& plugin);

}  // namespace sheafline
