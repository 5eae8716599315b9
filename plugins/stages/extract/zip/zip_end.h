// The end records of an archive: where its directory is.
#pragma once

#include <cstdint>

#include "archive_file.h"

namespace sheafline::extract {

struct ZipEnd {
    std::uint64_t directory_offset = 0;  // from the start of the file
    std::uint64_t directory_size = 0;
    std::uint64_t entries = 0;
    std::uint64_t base = 0;           // what to add to the offsets in the directory
    std::uint64_t records_begin = 0;  // of the end records, in the file
    std::uint64_t records_end = 0;    // after the comment; what follows belongs to no record
    bool zip64 = false;
    // Written without ZIP64 although the archive needs it, as the Finder of macOS does: sizes and
    // offsets are modulo 2^32.
    bool wrapped = false;
};

// Throws Error ARCHIVE_... if there is no end record, or if it contradicts the file.
ZipEnd findZipEnd(const ArchiveFile& file);

}  // namespace sheafline::extract
