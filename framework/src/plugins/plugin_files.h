// The files on which the result of one use of a plugin depends: those that the plugin's `files`
// returns, or the files that its params of type path name. Used for fingerprints (what must run
// again on resume) and for parcels (what another host needs). Any thread.
#pragma once

#include <filesystem>

#include <sheafline/plugin.h>

#include "plugins/plugin_catalog.h"

namespace sheafline {

// `values` are those of the plugin; relative paths start at `base`. Absolute paths come back. Never
// throws what a plugin throws: then the plugin is treated like one without `files`.
PluginFiles pluginFiles(const PluginEntry& plugin, const ParamValues& values,
                        const std::filesystem::path& base);

}  // namespace sheafline
