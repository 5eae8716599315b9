// One plugin file, from its permissions to its descriptor, and everything that is wrong with it.
// Steps build on each other: a file is run (dlopen) only when nothing was found before, and is then
// never unloaded. Thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugins/plugin_catalog.h"

namespace sheafline {

// Why plugins cannot be loaded from a folder; empty if they can.
std::string folderFault(const std::filesystem::path& folder);

// Everything but the folder itself.
PluginDiagnosis openPluginFile(const std::filesystem::path& file);

}  // namespace sheafline
