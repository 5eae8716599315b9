// What a ZIP archive says it holds, decided whole before a byte is written: the entries must fill
// the file from its first byte to its directory, each once, and every local header must say what
// the directory says. What can only be known by inflating (a false size or checksum inside an
// entry) is ZipArchive's part.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "archive_file.h"

namespace sheafline::extract {

struct ZipLimits {
    std::uint64_t max_bytes = 0;        // of all entries, inflated
    std::uint64_t max_entries = 0;      // entries, and sheets
    std::uint64_t max_entry_bytes = 0;  // of one entry, inflated
    double max_ratio = 0;               // inflated to packed, of an entry and of the whole
};

enum class ZipMethod : std::uint16_t { stored = 0, deflated = 8 };

struct ZipEntry {
    std::string name{};  // UTF-8
    ZipMethod method = ZipMethod::stored;
    std::uint32_t crc32 = 0;
    std::uint64_t size = 0;         // inflated
    std::uint64_t packed_size = 0;  // in the file
    std::uint64_t data_offset = 0;  // of the first packed byte

    bool isFolder() const { return name.back() == '/'; }
};

// The entries in the order of the directory. Throws Error of class permanent with a code
// ARCHIVE_... that tells the fault.
std::vector<ZipEntry> readZipDirectory(const ArchiveFile& file, const ZipLimits& limits);

}  // namespace sheafline::extract
