// Describes pipeline files and the options of plugins, for editors and for people. Both are made
// from the specs that the loader uses. Pure; any thread.
#pragma once

#include <string>

#include "plugins/plugin_catalog.h"

namespace sheafline {

// The JSON Schema (draft-07) of pipeline files that use these plugins. Only the loader checks what
// a schema cannot express (cycles, expressions, all units). Everything that the schema rejects, the
// loader rejects too.
std::string pipelineSchema(const PluginCatalog& plugins);

// A plugin's params, one line each: name, type, default and range, help.
std::string paramsText(const PluginEntry& plugin);

}  // namespace sheafline
