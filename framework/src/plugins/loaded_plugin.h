// Loads a plugin that another process of the same program has checked. It is never unloaded.
#pragma once

#include <string>

#include <sheafline/plugin.h>

namespace sheafline {

// Throws ConfigError if the file cannot be loaded.
const PluginDescriptor& loadedPlugin(const std::string& file);

}  // namespace sheafline
