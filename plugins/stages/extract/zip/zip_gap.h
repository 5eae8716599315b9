// Bytes of an archive that belong to no record: a self-extractor's program, padding, a newline
// after the end. They do no harm unless they hold records that another reader would find.
#pragma once

#include <cstdint>
#include <string_view>

#include "archive_file.h"

namespace sheafline::extract {

// What the bytes from `begin` to `end` hold that no directory lists: "an entry" or "a directory";
// empty if they hold neither.
std::string_view unlistedRecord(const ArchiveFile& file, std::uint64_t begin, std::uint64_t end);

}  // namespace sheafline::extract
