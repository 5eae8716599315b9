// The folder of a file that a command is going to write.
#pragma once

#include <filesystem>

namespace sheafline {

// Throws ConfigError with the remedy if the folder of `file` does not exist.
void requireFolderOf(const std::filesystem::path& file);

}  // namespace sheafline
