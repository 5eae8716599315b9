// Copies the bytes of a file, also between two file systems. Blocks are shared where both files are
// on one file system that can (reflink); otherwise the kernel copies, and if the kernel cannot
// (another file system, an old or networked one), the bytes are read and written here.
//
// A copy is not durable when copyFile() returns: sync it before it is renamed or listed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include <sheafline/export.h>

namespace sheafline {

// Copies all of `from` into the empty file `to`, and returns the number of bytes; it is lower than
// the size of `from` if that file was cut while it was copied. Both are open descriptors, which
// stay open. `what` names the file in messages. Returns early after a stop. Throws Error with codes
// such as DISK_FULL.
SHEAFLINE_API std::uint64_t copyFile(int from, int to, const std::string& what,
                                     const std::stop_token& stop = {});

// Copies `from` to `to`, which is replaced if it exists.
SHEAFLINE_API void copyFile(const std::filesystem::path& from, const std::filesystem::path& to);

// Makes the bytes of `from` durable and renames it to `to`. If they are on two file systems, copies
// `from` to a hidden file beside `to`, syncs it, renames it to `to` and removes `from`: `to` never
// has a part of the bytes. The caller syncs the folder of `to`.
SHEAFLINE_API void moveFile(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace sheafline
