// The folder for temporary files: TMPDIR, or /tmp.
#pragma once

#include <filesystem>

namespace sheafline {

// Throws ConfigError with the remedy if TMPDIR does not name a folder.
std::filesystem::path temporaryPlace();

}  // namespace sheafline
