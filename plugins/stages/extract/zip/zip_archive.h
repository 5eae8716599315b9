// A ZIP archive whose directory was checked, mapped for reading. The file must be our own copy: if
// another program cut it short, the mapping would end the process (SIGBUS). Several threads may
// inflate entries at once, each with a separate Inflater.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "zip_directory.h"

struct libdeflate_decompressor;

namespace sheafline::extract {

class ZipArchive {
 public:
    ZipArchive(const std::filesystem::path& path, const std::string& name, const ZipLimits& limits);
    ~ZipArchive();
    ZipArchive(const ZipArchive&) = delete;
    ZipArchive& operator=(const ZipArchive&) = delete;

    const std::string& name() const { return file_.name(); }
    const std::vector<ZipEntry>& entries() const { return directory_.entries; }
    std::uint64_t unlistedBytes() const { return directory_.unlisted_bytes; }
    std::span<const std::uint8_t> packed(const ZipEntry& entry) const;
    // Unmaps its pages: otherwise the whole archive would count as memory of this process.
    void letGo(const ZipEntry& entry) const;

 private:
    const ArchiveFile file_;
    const ZipDirectory directory_;
    const std::uint8_t* mapped_ = nullptr;
};

class Inflater {
 public:
    explicit Inflater(const ZipArchive& archive);
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    // Fills `buffer` with the entry's bytes. Throws Error ARCHIVE_ENTRY if the data is damaged, or
    // if its size or checksum is not what the directory says.
    void inflate(const ZipEntry& entry, std::vector<std::uint8_t>& buffer);

 private:
    const ZipArchive& archive_;
    libdeflate_decompressor* decompressor_;
};

bool hasChecksum(std::span<const std::uint8_t> bytes, std::uint32_t crc32);

}  // namespace sheafline::extract
