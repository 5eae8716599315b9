// Writes all bytes to a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include <sheafline/file_descriptor.h>

namespace sheafline::extract {

// `path` is for the error. Throws Error: DISK_FULL and others.
void writeAll(const FileDescriptor& file, std::span<const std::uint8_t> bytes,
              const std::filesystem::path& path);

}  // namespace sheafline::extract
