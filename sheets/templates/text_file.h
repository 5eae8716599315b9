// Reads a small text file as a whole. Throws ConfigError with its name if it cannot be read or is
// larger than 4 MiB.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sheafline::sheets {

// `what` it is, for the message: "template".
std::string readTextFile(const std::filesystem::path& file, std::string_view what);

}  // namespace sheafline::sheets
