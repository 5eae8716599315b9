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

// What is wrong with a folder that plugins are loaded from; empty: nothing.
std::string folderFinding(const std::filesystem::path& folder);

// Everything but the folder itself.
PluginCheck openPluginFile(const std::filesystem::path& file);

}  // namespace sheafline
