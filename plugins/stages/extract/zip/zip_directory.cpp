#include "zip_directory.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "name_decoder.h"
#include "zip_end.h"
#include "zip_error.h"
#include "zip_extra.h"
#include "zip_format.h"
#include "zip_gap.h"
#include "zip_header.h"
#include "zip_name.h"

namespace sheafline::extract {

namespace {

// Below this size a high ratio is harmless: a blank page compresses well.
constexpr std::uint64_t kHarmlessBytes = 1ULL << 20U;

constexpr std::uint16_t kFlagsThatMustAgree =
    kEncrypted | kPatched | kStrongEncryption | kMaskedHeaders;

// What a local header says of its entry.
struct LocalSizes {
    bool descriptor = false;  // sizes follow the data
    bool complete = false;    // sizes are in the header itself too
};

class DirectoryReader {
 public:
    DirectoryReader(const ArchiveFile& file, const ZipLimits& limits)
        : file_(file), limits_(limits) {}

    ZipDirectory read();

 private:
    void nameEntries(std::vector<ZipHeader>& headers) const;
    void rejectIfAllLocked(const std::vector<ZipHeader>& headers) const;
    void checkSizes(const ZipEntry& entry) const;
    void checkTotals(const std::vector<ZipHeader>& headers) const;
    LocalSizes checkLocal(ZipHeader& header) const;
    std::uint64_t descriptorBytes(const ZipEntry& entry, LocalSizes local,
                                  std::uint64_t room) const;
    std::uint64_t checkExtent(const ZipEntry& entry, LocalSizes local, std::uint64_t end) const;
    void checkGap(std::uint64_t begin, std::uint64_t end);

    [[noreturn]] void reject(const char* code, const ZipEntry& entry,
                             const std::string& reason) const {
        rejectEntry(file_.name(), code, entry.name, reason);
    }
    [[noreturn]] void rejectPlace(const char* code, const ZipEntry& entry,
                                  const std::string& reason) const {
        static constexpr const char* kWrapped =
            "; the archive is over 4 GiB and was packed without ZIP64, as the Finder of macOS "
            "does: "
            "pack it with zip or 7-Zip, or in smaller parts";
        reject(code, entry, reason + (wrapped_ ? kWrapped : "; pack it again"));
    }

    const ArchiveFile& file_;
    const ZipLimits& limits_;
    bool wrapped_ = false;
    std::uint64_t unlisted_bytes_ = 0;
};

void DirectoryReader::nameEntries(std::vector<ZipHeader>& headers) const {
    std::vector<std::string_view> unknown;
    for (const ZipHeader& header : headers) {
        if (!header.unicode_name) unknown.emplace_back(header.raw_name);
    }
    const NameDecoder decoder(unknown);
    for (ZipHeader& header : headers) {
        ZipEntry& entry = header.entry;
        entry.name = header.unicode_name ? *header.unicode_name : decoder.decode(header.raw_name);
        // Only now: in some encodings a letter's second byte is that of the backslash.
        if (header.dos) std::ranges::replace(entry.name, '\\', '/');
        if (const std::string_view reason = nameError(entry.name, header.dos); !reason.empty()) {
            reject("ARCHIVE_NAME", entry, std::string(reason) + "; pack it again");
        }
    }
}

// The person who packed it chose a wrong option for all of it.
void DirectoryReader::rejectIfAllLocked(const std::vector<ZipHeader>& headers) const {
    const ZipEntry* first = nullptr;
    for (const ZipHeader& header : headers) {
        if (header.entry.isFolder()) continue;
        if (header.entry.locked.empty()) return;
        if (first == nullptr) first = &header.entry;
    }
    if (first != nullptr) reject(first->locked_code, *first, first->locked);
}

void DirectoryReader::checkSizes(const ZipEntry& entry) const {
    if (entry.packed_size > file_.size()) {
        reject("ARCHIVE_SIZE", entry, "says that it is larger than the archive");
    }
    const bool empty = entry.size == 0;
    const bool contradicts = (entry.method == ZipMethod::stored && entry.locked.empty() &&
                              entry.size != entry.packed_size) ||
                             (!empty && entry.packed_size == 0) || (entry.isFolder() && !empty);
    if (contradicts) reject("ARCHIVE_SIZE", entry, "has sizes that contradict each other");
    if (entry.size > kHarmlessBytes &&
        static_cast<double>(entry.size) >
            limits_.max_ratio * static_cast<double>(entry.packed_size)) {
        reject("ARCHIVE_RATIO", entry,
               "would grow " + std::to_string(entry.size / entry.packed_size) +
                   "-fold, as a decompression bomb does; raise max_ratio if you trust it");
    }
    if (entry.size > limits_.max_entry_bytes) {
        reject("ARCHIVE_ENTRY_TOO_LARGE", entry,
               "has " + std::to_string(entry.size) + " bytes; max_entry_bytes allows " +
                   std::to_string(limits_.max_entry_bytes));
    }
}

void DirectoryReader::checkTotals(const std::vector<ZipHeader>& headers) const {
    std::uint64_t size = 0;
    std::uint64_t packed = 0;
    for (const ZipHeader& header : headers) {
        if (header.entry.size > limits_.max_bytes - size) {
            rejectArchive(file_.name(), "ARCHIVE_TOO_LARGE",
                          "is rejected: it would take more than the " +
                              std::to_string(limits_.max_bytes) + " bytes that max_bytes allows");
        }
        size += header.entry.size;
        packed += header.entry.packed_size;
    }
    if (size > kHarmlessBytes &&
        static_cast<double>(size) > limits_.max_ratio * static_cast<double>(packed)) {
        rejectArchive(file_.name(), "ARCHIVE_RATIO",
                      "is rejected: it would grow more than max_ratio allows, as a decompression "
                      "bomb does");
    }
}

LocalSizes DirectoryReader::checkLocal(ZipHeader& header) const {
    ZipEntry& entry = header.entry;
    if (file_.size() < kLocalBytes || header.local_offset > file_.size() - kLocalBytes) {
        rejectPlace("ARCHIVE_SIZE", entry, "would begin outside the file");
    }
    const std::vector<std::uint8_t> fixed = file_.read(header.local_offset, kLocalBytes);
    const std::size_t name_length = load<std::uint16_t>(fixed, 26);
    const std::size_t extra_length = load<std::uint16_t>(fixed, 28);
    const std::uint64_t name_offset = header.local_offset + kLocalBytes;
    if (load<std::uint32_t>(fixed, 0) != kLocalMark ||
        name_length + extra_length > file_.size() - name_offset) {
        rejectPlace("ARCHIVE_LOCAL_HEADER", entry, "has no header where the directory says");
    }
    const std::vector<std::uint8_t> names = file_.read(name_offset, name_length + extra_length);
    const Bytes raw_name = Bytes(names).first(name_length);
    const std::optional<ZipExtra> extra = readZipExtra(Bytes(names).subspan(name_length));
    if (!extra) {
        reject("ARCHIVE_EXTRA", entry, "has an extra field that contradicts itself; pack it again");
    }
    const auto flags = load<std::uint16_t>(fixed, 6);
    const bool late = (flags & kDescriptor) != 0;
    std::uint64_t packed = load<std::uint32_t>(fixed, 18);
    std::uint64_t size = load<std::uint32_t>(fixed, 22);
    Zip64Numbers numbers(*extra);
    if (!numbers.replace(size) || !numbers.replace(packed)) {
        if (!late) reject("ARCHIVE_ZIP64", entry, "lacks its ZIP64 sizes; pack it again");
        size = packed = 0;
    }
    const auto crc32 = load<std::uint32_t>(fixed, 14);
    const bool complete = crc32 == entry.crc32 && packed == entry.packed_size && size == entry.size;
    // With a descriptor the sizes follow the data, and these fields may be zero.
    const auto same = [late](std::uint64_t local, std::uint64_t central) {
        return local == central || (late && local == 0);
    };
    const bool agrees =
        std::ranges::equal(
            raw_name, header.raw_name,
            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) &&
        load<std::uint16_t>(fixed, 8) == static_cast<std::uint16_t>(entry.method) &&
        ((flags ^ header.flags) & kFlagsThatMustAgree) == 0 && same(crc32, entry.crc32) &&
        same(packed, entry.packed_size) && same(size, entry.size);
    if (!agrees) {
        rejectPlace("ARCHIVE_LOCAL_HEADER", entry, "has a header that contradicts the directory");
    }
    entry.data_offset = name_offset + name_length + extra_length;
    return {.descriptor = late, .complete = complete};
}

// The length of the descriptor after the data of an entry. `room` is what is left before the next
// record.
std::uint64_t DirectoryReader::descriptorBytes(const ZipEntry& entry, LocalSizes local,
                                               std::uint64_t room) const {
    const std::uint64_t offset = entry.data_offset + entry.packed_size;
    const std::vector<std::uint8_t> store =
        file_.read(offset, static_cast<std::size_t>(std::min<std::uint64_t>(room, 24)));
    Bytes bytes(store);
    const bool marked = bytes.size() >= 4 && load<std::uint32_t>(bytes, 0) == kDescriptorMark;
    for (const std::size_t mark :
         marked ? std::array<std::size_t, 2>{4, 0} : std::array<std::size_t, 2>{0, 0}) {
        const Bytes numbers = bytes.subspan(mark);
        if (numbers.size() < 12 || load<std::uint32_t>(numbers, 0) != entry.crc32) continue;
        if (numbers.size() >= 20 && load<std::uint64_t>(numbers, 4) == entry.packed_size &&
            load<std::uint64_t>(numbers, 12) == entry.size) {
            return mark + 20;
        }
        // A size over 4 GiB is modulo 2^32 here; such entries are rejected for their size.
        if (load<std::uint32_t>(numbers, 4) == entry.packed_size &&
            load<std::uint32_t>(numbers, 8) == entry.size) {
            return mark + 12;
        }
    }
    // Some tools set the flag and write no descriptor.
    if (local.complete && !marked) return 0;
    rejectPlace("ARCHIVE_DESCRIPTOR", entry, "is followed by sizes that contradict the directory");
}

// `end` is where the next entry, or the directory, begins. Returns where this one ends.
std::uint64_t DirectoryReader::checkExtent(const ZipEntry& entry, LocalSizes local,
                                           std::uint64_t end) const {
    if (entry.data_offset > end || entry.packed_size > end - entry.data_offset) {
        rejectPlace("ARCHIVE_OVERLAP", entry, "overlaps the record after it");
    }
    const std::uint64_t data_end = entry.data_offset + entry.packed_size;
    return local.descriptor ? data_end + descriptorBytes(entry, local, end - data_end) : data_end;
}

void DirectoryReader::checkGap(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return;
    unlisted_bytes_ += end - begin;
    if (const std::string_view record = unlistedRecord(file_, begin, end); !record.empty()) {
        rejectArchive(file_.name(), "ARCHIVE_GAP",
                      "is rejected: between bytes " + std::to_string(begin) + " and " +
                          std::to_string(end) + " it holds " + std::string(record) +
                          " that its directory does not list; pack it again");
    }
}

ZipDirectory DirectoryReader::read() {
    const ZipEnd end = findZipEnd(file_);
    wrapped_ = end.wrapped;
    std::vector<ZipHeader> headers = readZipHeaders(file_, end, limits_);
    nameEntries(headers);
    rejectIfAllLocked(headers);
    for (const ZipHeader& header : headers) checkSizes(header.entry);
    checkTotals(headers);
    std::vector<LocalSizes> local;
    local.reserve(headers.size());
    for (ZipHeader& header : headers) local.push_back(checkLocal(header));

    std::vector<std::size_t> order(headers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return headers[i].local_offset; });
    std::uint64_t position = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::uint64_t next =
            i + 1 < order.size() ? headers[order[i + 1]].local_offset : end.directory_offset;
        checkGap(position, headers[order[i]].local_offset);
        position = checkExtent(headers[order[i]].entry, local[order[i]], next);
    }
    checkGap(position, end.directory_offset);
    checkGap(end.directory_offset + end.directory_size, end.records_begin);
    checkGap(end.records_end, file_.size());

    ZipDirectory directory{.unlisted_bytes = unlisted_bytes_};
    directory.entries.reserve(headers.size());
    for (ZipHeader& header : headers) directory.entries.push_back(std::move(header.entry));
    return directory;
}

}  // namespace

ZipDirectory readZipDirectory(const ArchiveFile& file, const ZipLimits& limits) {
    return DirectoryReader(file, limits).read();
}

}  // namespace sheafline::extract
