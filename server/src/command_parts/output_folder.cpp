#include "command_parts/output_folder.h"

#include <sheafline/error.h>

namespace sheafline {

void requireFolderOf(const std::filesystem::path& file) {
    const std::filesystem::path folder = file.parent_path();
    if (folder.empty() || std::filesystem::is_directory(folder)) return;
    throw ConfigError(file.string() + ": the folder " + folder.string() +
                      " does not exist; create it, or choose another one");
}

}  // namespace sheafline
