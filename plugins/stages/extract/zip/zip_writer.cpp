#include "zip_writer.h"

#include <algorithm>
#include <libdeflate.h>
#include <utility>

#include <sheafline/error.h>

#include "zip_format.h"
#include "zip_name.h"

namespace sheafline::extract {

namespace {

constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kVersion64 = 45;
constexpr std::uint16_t kUnix = 3U << 8U;    // the attributes are a mode
constexpr std::uint16_t kMidnight = 0x0021;  // 1980-01-01, so that equal pages give equal files

void put(std::string& bytes, std::uint64_t value, unsigned length) {
    for (unsigned i = 0; i < length; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint32_t modeOf(const ZipEntry& entry) {
    if (entry.kind == ZipEntryKind::link) return 0120777;
    if (entry.kind == ZipEntryKind::device) return 0020644;
    return entry.isFolder() ? 0040755 : 0100644;
}

// From the version to the lengths of name and extra: the same in both headers.
std::string common(const ZipEntry& entry, std::size_t extra_bytes) {
    std::string bytes;
    put(bytes, extra_bytes == 0 ? kVersion : kVersion64, 2);
    put(bytes, kUtf8Name, 2);
    put(bytes, static_cast<std::uint16_t>(entry.method), 2);
    put(bytes, static_cast<std::uint32_t>(kMidnight) << 16U, 4);
    put(bytes, entry.crc32, 4);
    put(bytes, entry.packed_size, 4);
    put(bytes, entry.size, 4);
    put(bytes, entry.name.size(), 2);
    put(bytes, extra_bytes, 2);
    return bytes;
}

std::string localHeader(const ZipEntry& entry) {
    std::string bytes;
    put(bytes, kLocalMark, 4);
    return bytes + common(entry, 0) + entry.name;
}

std::uint64_t localOffset(const ZipEntry& entry) {
    return entry.data_offset - kLocalBytes - entry.name.size();
}

std::string directoryHeader(const ZipEntry& entry) {
    const std::uint64_t offset = localOffset(entry);
    std::string extra;
    if (offset >= kAllOnes) {
        put(extra, 1, 2);
        put(extra, 8, 2);
        put(extra, offset, 8);
    }
    std::string bytes;
    put(bytes, kHeaderMark, 4);
    put(bytes, kUnix | kVersion64, 2);
    bytes += common(entry, extra.size());
    put(bytes, 0, 2 + 2 + 2);  // comment, disk, internal attributes
    put(bytes, static_cast<std::uint64_t>(modeOf(entry)) << 16U, 4);
    put(bytes, std::min<std::uint64_t>(offset, kAllOnes), 4);
    return bytes + entry.name + extra;
}

std::string endRecords(std::uint64_t entries, std::uint64_t offset, std::uint64_t size) {
    std::string bytes;
    if (entries >= kAllOnes16 || offset >= kAllOnes || size >= kAllOnes) {
        put(bytes, kZip64EndMark, 4);
        put(bytes, kZip64EndBytes - 12, 8);
        put(bytes, kUnix | kVersion64, 2);
        put(bytes, kVersion64, 2);
        put(bytes, 0, 8);
        put(bytes, entries, 8);
        put(bytes, entries, 8);
        put(bytes, size, 8);
        put(bytes, offset, 8);
        put(bytes, kZip64PlaceMark, 4);
        put(bytes, 0, 4);
        put(bytes, offset + size, 8);
        put(bytes, 1, 4);
    }
    put(bytes, kEndMark, 4);
    put(bytes, 0, 4);
    put(bytes, std::min<std::uint64_t>(entries, kAllOnes16), 2);
    put(bytes, std::min<std::uint64_t>(entries, kAllOnes16), 2);
    put(bytes, std::min<std::uint64_t>(size, kAllOnes), 4);
    put(bytes, std::min<std::uint64_t>(offset, kAllOnes), 4);
    put(bytes, 0, 2);
    return bytes;
}

std::string_view textOf(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

ZipWriter::ZipWriter(const std::filesystem::path& path) {
    const std::filesystem::path unfinished = path.string() + ".tmp";
    if (std::filesystem::exists(unfinished)) findWhole(unfinished);
    file_ = std::make_unique<DurableFile>(path, size_);
}

ZipWriter::~ZipWriter() = default;

// The records that are whole; a stored one has the checksum of its bytes.
void ZipWriter::findWhole(const std::filesystem::path& path) {
    const ArchiveFile file(path, path.filename().string());
    while (file.size() - size_ >= kLocalBytes) {
        const auto head = file.read(size_, kLocalBytes);
        if (load<std::uint32_t>(head, 0) != kLocalMark) return;
        ZipEntry entry{.method = static_cast<ZipMethod>(load<std::uint16_t>(head, 8)),
                       .crc32 = load<std::uint32_t>(head, 14),
                       .size = load<std::uint32_t>(head, 22),
                       .packed_size = load<std::uint32_t>(head, 18)};
        const std::size_t name_bytes = load<std::uint16_t>(head, 26);
        entry.data_offset = size_ + kLocalBytes + name_bytes;
        const std::uint64_t end = entry.data_offset + entry.packed_size;
        if (end > file.size() || name_bytes == 0) return;
        const auto name = file.read(size_ + kLocalBytes, name_bytes);
        entry.name = textOf(name);
        if (entry.method == ZipMethod::stored) {
            const auto bytes =
                file.read(entry.data_offset, static_cast<std::size_t>(entry.packed_size));
            if (libdeflate_crc32(0, bytes.data(), bytes.size()) != entry.crc32) return;
        }
        data_bytes_ += entry.packed_size;
        size_ = end;
        entries_.push_back(std::move(entry));
    }
}

void ZipWriter::add(std::string_view name, std::span<const std::uint8_t> bytes) {
    addRecord({.name = std::string(name),
               .crc32 = libdeflate_crc32(0, bytes.data(), bytes.size()),
               .size = bytes.size(),
               .packed_size = bytes.size()},
              bytes);
}

void ZipWriter::addPacked(const ZipEntry& entry, std::span<const std::uint8_t> packed) {
    addRecord(entry, packed);
}

void ZipWriter::addFile(std::string_view name, const ArchiveFile& file) {
    constexpr std::uint64_t kPiece = 1U << 20U;
    const auto inPieces = [&](const auto& take) {
        for (std::uint64_t at = 0; at < file.size(); at += kPiece)
            take(file.read(at, static_cast<std::size_t>(std::min(kPiece, file.size() - at))));
    };
    ZipEntry entry{.name = std::string(name), .size = file.size(), .packed_size = file.size()};
    inPieces([&](const std::vector<std::uint8_t>& piece) {
        entry.crc32 = libdeflate_crc32(entry.crc32, piece.data(), piece.size());
    });
    begin(entry);
    std::uint32_t written = 0;
    inPieces([&](const std::vector<std::uint8_t>& piece) {
        written = libdeflate_crc32(written, piece.data(), piece.size());
        file_->write(textOf(piece));
    });
    if (written != entry.crc32) throwTruncated(file.name());
    entries_.push_back(std::move(entry));
}

void ZipWriter::addRecord(ZipEntry entry, std::span<const std::uint8_t> packed) {
    begin(entry);
    file_->write(textOf(packed));
    entries_.push_back(std::move(entry));
}

// Writes the header and counts the bytes that follow it.
void ZipWriter::begin(ZipEntry& entry) {
    // Its flags would be lost, and its bytes then look damaged.
    if (!entry.locked.empty())
        throw Error(ErrorClass::permanent, entry.locked_code,
                    quotedName(entry.name) + ' ' + entry.locked);
    if (entry.size >= kAllOnes || entry.packed_size >= kAllOnes)
        throw Error(ErrorClass::permanent, "ARCHIVE_TOO_LARGE",
                    quotedName(entry.name) + " has 4 GiB or more; split it, or send it alone");
    const std::string head = localHeader(entry);
    file_->write(head);
    entry.data_offset = size_ + head.size();
    size_ = entry.data_offset + entry.packed_size;
    data_bytes_ += entry.packed_size;
}

void ZipWriter::publish() {
    const std::uint64_t offset = size_;
    std::uint64_t size = 0;
    for (const ZipEntry& entry : entries_) {
        const std::string header = directoryHeader(entry);
        file_->write(header);
        size += header.size();
    }
    file_->write(endRecords(entries_.size(), offset, size));
    file_->publish();
}

}  // namespace sheafline::extract
