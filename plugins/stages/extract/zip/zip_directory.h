// What a ZIP archive says it holds, checked as a whole before a byte is written. Each entry must be
// in the file once, without overlap, and its local header must say what the directory says. What
// only inflating can show (a wrong size or checksum inside an entry) is checked by ZipArchive.
// Entries that are encrypted, or packed with another method than Deflate, are listed with the
// reason; an archive in which all files are like that is rejected.
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

enum class ZipEntryKind { file, link, device };

struct ZipEntry {
    std::string name{};  // UTF-8, folders separated by '/'
    ZipEntryKind kind = ZipEntryKind::file;
    ZipMethod method = ZipMethod::stored;
    std::uint32_t crc32 = 0;
    std::uint64_t size = 0;         // inflated
    std::uint64_t packed_size = 0;  // in the file
    std::uint64_t data_offset = 0;  // of the first packed byte
    // Why its bytes cannot be had: "is encrypted; pack it without a password", with the code of the
    // error. Empty if they can.
    std::string locked{};
    const char* locked_code = "";

    bool isFolder() const { return name.back() == '/'; }
};

struct ZipDirectory {
    std::vector<ZipEntry> entries{};   // in the order of the directory
    std::uint64_t unlisted_bytes = 0;  // of the file, which belong to no record
};

// Throws Error of class permanent with a code ARCHIVE_... and a text with the remedy.
ZipDirectory readZipDirectory(const ArchiveFile& file, const ZipLimits& limits);

}  // namespace sheafline::extract
