// The SHA-256 of a file, as hexadecimal text, and its fsync. Throw Error.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sheafline {

std::string sha256OfFile(const std::filesystem::path& file);
std::string sha256Of(std::string_view bytes);
void syncFile(const std::filesystem::path& file);

}  // namespace sheafline
