#include "zip_archive.h"

#include <algorithm>
#include <cerrno>
#include <libdeflate.h>
#include <new>
#include <sys/mman.h>

#include <sheafline/error.h>

#include "zip_name.h"

namespace sheafline::extract {

ZipArchive::ZipArchive(const std::filesystem::path& path, const std::string& name,
                       const ZipLimits& limits)
    : file_(path, name), directory_(readZipDirectory(file_, limits)) {
    void* mapped = ::mmap(nullptr, file_.size(), PROT_READ, MAP_PRIVATE, file_.descriptor(), 0);
    if (mapped == MAP_FAILED) throwSystemError(errno, "cannot map the archive " + file_.name());
    ::madvise(mapped, file_.size(), MADV_WILLNEED);
    mapped_ = static_cast<const std::uint8_t*>(mapped);
}

ZipArchive::~ZipArchive() { ::munmap(const_cast<std::uint8_t*>(mapped_), file_.size()); }

std::span<const std::uint8_t> ZipArchive::packed(const ZipEntry& entry) const {
    return {mapped_ + entry.data_offset, static_cast<std::size_t>(entry.packed_size)};
}

void ZipArchive::letGo(const ZipEntry& entry) const {
    // The kernel maps a whole window around each page that is touched. Pages of a neighbor in the
    // window are mapped again when they are read: that costs less than counting users of windows.
    constexpr std::uint64_t kWindow = 64U << 10U;
    const std::uint64_t begin = entry.data_offset / kWindow * kWindow;
    const std::uint64_t end = std::min(
        file_.size(), (entry.data_offset + entry.packed_size) / kWindow * kWindow + kWindow);
    ::madvise(const_cast<std::uint8_t*>(mapped_) + begin, static_cast<std::size_t>(end - begin),
              MADV_DONTNEED);
}

Inflater::Inflater(const ZipArchive& archive)
    : archive_(archive), decompressor_(libdeflate_alloc_decompressor()) {
    if (decompressor_ == nullptr) throw std::bad_alloc();
}

Inflater::~Inflater() { libdeflate_free_decompressor(decompressor_); }

void Inflater::inflate(const ZipEntry& entry, std::vector<std::uint8_t>& buffer) {
    const std::span<const std::uint8_t> packed = archive_.packed(entry);
    const auto reject = [&](const char* reason) {
        throw Error(ErrorClass::permanent, "ARCHIVE_ENTRY",
                    archive_.name() + " is damaged: its entry " + quotedName(entry.name) + " " +
                        reason + "; pack or send it again");
    };
    if (!entry.locked.empty()) reject(entry.locked.c_str());
    buffer.resize(static_cast<std::size_t>(entry.size));
    if (entry.method == ZipMethod::stored) {
        buffer.assign(packed.begin(), packed.end());
    } else if (!packed.empty()) {
        std::size_t taken = 0;
        std::size_t made = 0;
        const libdeflate_result result =
            libdeflate_deflate_decompress_ex(decompressor_, packed.data(), packed.size(),
                                             buffer.data(), buffer.size(), &taken, &made);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE) reject("is larger than it says");
        if (result != LIBDEFLATE_SUCCESS) reject("cannot be inflated");
        if (made != buffer.size()) reject("is smaller than it says");
        if (taken != packed.size()) reject("has bytes after its end");
    }
    archive_.letGo(entry);
    if (!hasChecksum(buffer, entry.crc32)) reject("has a wrong checksum");
}

bool hasChecksum(std::span<const std::uint8_t> bytes, std::uint32_t crc32) {
    return libdeflate_crc32(0, bytes.data(), bytes.size()) == crc32;
}

}  // namespace sheafline::extract
