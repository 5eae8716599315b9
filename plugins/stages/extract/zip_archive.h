// A ZIP archive whose directory was checked, mapped for reading. The file must be our own copy: one
// that somebody else can cut short would kill the process (SIGBUS). Entries may be inflated from
// many threads at once, each with an Inflater of its own.
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
    const std::vector<ZipEntry>& entries() const { return entries_; }
    std::span<const std::uint8_t> packed(const ZipEntry& entry) const;
    // Takes its pages out of this process: a mapped archive would count as memory as large as it
    // is.
    void letGo(const ZipEntry& entry) const;

 private:
    const ArchiveFile file_;
    const std::vector<ZipEntry> entries_;
    const std::uint8_t* mapped_ = nullptr;
};

class Inflater {
 public:
    explicit Inflater(const ZipArchive& archive);
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    // The entry's bytes, in `buffer`, which grows to it. Throws Error ARCHIVE_ENTRY where the data
    // is damaged, or is not what the directory says of its size and checksum.
    void inflate(const ZipEntry& entry, std::vector<std::uint8_t>& buffer);

 private:
    const ZipArchive& archive_;
    libdeflate_decompressor* decompressor_;
};

bool hasChecksum(std::span<const std::uint8_t> bytes, std::uint32_t crc32);

}  // namespace sheafline::extract
