// The bytes of a file, its SHA-256 as hexadecimal text, and its fsync. Throw Error, except
// fileText().
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sheafline {

std::string fileText(const std::filesystem::path& file);  // empty if it cannot be read
std::string sha256OfFile(const std::filesystem::path& file);
std::string sha256Of(std::string_view bytes);
void syncFile(const std::filesystem::path& file);

}  // namespace sheafline
