// Writes a ZIP archive in one pass, with names in UTF-8; ZIP64 where it is needed. Entries are
// stored, or copied as they are packed in another archive. Once it was interrupted, the entries
// that are whole are found again by ZipWriter(path): what follows them is removed.
//
//     ZipWriter writer(folder / "sheets.zip");
//     writer.add("exam.pdf#1", jpeg);
//     writer.publish();
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/durable_file.h>

#include "zip_directory.h"

namespace sheafline::extract {

class ZipWriter {
 public:
    // Continues the unpublished file, if there is one.
    explicit ZipWriter(const std::filesystem::path& path);
    ~ZipWriter();
    ZipWriter(const ZipWriter&) = delete;
    ZipWriter& operator=(const ZipWriter&) = delete;

    const std::vector<ZipEntry>& entries() const { return entries_; }
    std::uint64_t dataBytes() const { return data_bytes_; }

    void add(std::string_view name, std::span<const std::uint8_t> bytes);
    // In pieces. Throws Error (ARCHIVE_TRUNCATED) if the file changes meanwhile.
    void addFile(std::string_view name, const ArchiveFile& file);
    void addPacked(const ZipEntry& entry, std::span<const std::uint8_t> packed);
    void publish();

 private:
    void findWhole(const std::filesystem::path& path);
    void addRecord(ZipEntry entry, std::span<const std::uint8_t> packed);
    void begin(ZipEntry& entry);

    std::vector<ZipEntry> entries_{};
    std::uint64_t size_ = 0;
    std::uint64_t data_bytes_ = 0;
    std::unique_ptr<DurableFile> file_;
};

}  // namespace sheafline::extract
