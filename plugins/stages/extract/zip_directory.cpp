// The format as it is read here (little-endian; numbers are bytes). Nothing else may stand in the
// file: no gap, no overlap, nothing before or after.
//
//   archive    = entry* directory [zip64_end zip64_place] end
//   entry      = "PK\3\4" version:2 flags:2 method:2 time:4 crc:4 packed:4 size:4
//                name_length:2 extra_length:2 name extra data [descriptor]      ; 30 fixed bytes
//   descriptor = ["PK\7\8"] crc:4 (packed:4 size:4 | packed:8 size:8)           ; where flags & 8
//   directory  = header*
//   header     = "PK\1\2" made_by:2 version:2 flags:2 method:2 time:4 crc:4 packed:4 size:4
//                name_length:2 extra_length:2 comment_length:2 disk:2 internal:2 external:4
//                local_offset:4 name extra comment                              ; 46 fixed bytes
//   extra      = (id:2 length:2 value)* ; id 1: those of size:8 packed:8 local_offset:8 whose field
//                above is all ones, in this order
//   zip64_end  = "PK\6\6" rest:8 made_by:2 version:2 disk:4 directory_disk:4 entries_here:8
//                entries:8 directory_size:8 directory_offset:8 …                ; 56 fixed bytes
//   zip64_place= "PK\6\7" disk:4 zip64_end_offset:8 disks:4                     ; 20 bytes
//   end        = "PK\5\6" disk:2 directory_disk:2 entries_here:2 entries:2 directory_size:4
//                directory_offset:4 comment_length:2 comment                    ; 22 fixed bytes
#include "zip_directory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>

#include <sheafline/error.h>

#include "zip_name.h"

namespace sheafline::extract {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t kLocalMark = 0x04034b50;
constexpr std::uint32_t kHeaderMark = 0x02014b50;
constexpr std::uint32_t kDescriptorMark = 0x08074b50;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kZip64EndMark = 0x06064b50;
constexpr std::uint32_t kZip64PlaceMark = 0x07064b50;

constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kHeaderBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kZip64EndBytes = 56;
constexpr std::size_t kZip64PlaceBytes = 20;
constexpr std::size_t kLongestComment = 0xFFFF;
// The directory is read into memory: some 1,300 bytes for each of 200,000 entries.
constexpr std::uint64_t kLargestDirectory = 256ULL << 20U;
// Below this a high ratio harms nobody: a blank page compresses well.
constexpr std::uint64_t kHarmlessBytes = 1ULL << 20U;

constexpr std::uint16_t kEncrypted = 1U << 0U;
constexpr std::uint16_t kDescriptor = 1U << 3U;
constexpr std::uint16_t kStrongEncryption = 1U << 6U;
constexpr std::uint16_t kMaskedHeaders = 1U << 13U;
constexpr std::uint16_t kFlagsThatMustAgree =
    kEncrypted | kDescriptor | kStrongEncryption | kMaskedHeaders;

constexpr std::uint32_t kAllOnes = 0xFFFFFFFF;

template <typename T>
T load(Bytes bytes, std::size_t at) {
    static_assert(std::endian::native == std::endian::little);
    T value{};
    std::memcpy(&value, bytes.subspan(at, sizeof(T)).data(), sizeof(T));
    return value;
}

struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t entries = 0;
};

struct Header {
    ZipEntry entry{};
    std::string raw_name{};
    std::uint16_t flags = 0;
    std::uint64_t local_offset = 0;
};

class DirectoryReader {
 public:
    DirectoryReader(const ArchiveFile& file, const ZipLimits& limits)
        : file_(file), limits_(limits) {}

    std::vector<ZipEntry> read() const;

 private:
    Directory findDirectory() const;
    Directory zip64Directory(std::uint64_t end_offset, const Directory& stated) const;
    std::vector<Header> readHeaders(const Directory& directory) const;
    Header readHeader(Bytes fixed, Bytes name, Bytes extra) const;
    void checkSizes(const ZipEntry& entry) const;
    void checkTotals(const std::vector<Header>& headers) const;
    void checkLocal(Header& header) const;
    void checkExtent(const Header& header, std::uint64_t end) const;
    bool isDescriptor(const ZipEntry& entry, Bytes bytes) const;
    std::uint64_t fromExtra(Bytes& value, const std::string& shown) const;
    Bytes zip64Extra(Bytes extra, const std::string& shown) const;
    std::string_view whatItIs() const;

    [[noreturn]] void refuse(const char* code, const std::string& fault) const {
        throw Error(ErrorClass::permanent, code, file_.name() + " " + fault);
    }
    [[noreturn]] void refuse(const char* code, const ZipEntry& entry,
                             const std::string& fault) const {
        refuse(code, "is refused: its entry " + quotedName(entry.name) + " " + fault);
    }

    const ArchiveFile& file_;
    const ZipLimits& limits_;
};

std::string_view DirectoryReader::whatItIs() const {
    const std::vector<std::uint8_t> head =
        file_.read(0, static_cast<std::size_t>(std::min<std::uint64_t>(file_.size(), 8)));
    const std::string_view start(reinterpret_cast<const char*>(head.data()), head.size());
    if (start.starts_with("PK\3\4")) return "zip";
    if (start.starts_with("Rar!")) return "a RAR archive";
    if (start.starts_with("7z\xBC\xAF")) return "a 7z archive";
    if (start.starts_with("\x1F\x8B")) return "gzip";
    if (start.starts_with("%PDF")) return "a PDF";
    return "something else";
}

Directory DirectoryReader::findDirectory() const {
    if (file_.size() == 0) refuse("ARCHIVE_EMPTY", "is empty (0 bytes); send it again");
    const auto tail_bytes = static_cast<std::size_t>(
        std::min<std::uint64_t>(file_.size(), kEndBytes + kLongestComment));
    const std::vector<std::uint8_t> tail_store = file_.read(file_.size() - tail_bytes, tail_bytes);
    const Bytes tail(tail_store);

    std::optional<std::size_t> found;
    for (std::size_t at = tail.size() - std::min(tail.size(), kEndBytes) + 1; at-- > 0 && !found;) {
        if (tail.size() - at >= kEndBytes && load<std::uint32_t>(tail, at) == kEndMark) found = at;
    }
    if (!found) {
        const std::string_view what = whatItIs();
        if (what == "zip") {
            refuse("ARCHIVE_TRUNCATED",
                   "is cut off: the directory at its end is missing; send the whole file again");
        }
        refuse("ARCHIVE_NOT_ZIP",
               "is no ZIP archive but " + std::string(what) + "; pack the sheets as ZIP");
    }
    const Bytes end = tail.subspan(*found);
    const std::size_t comment = load<std::uint16_t>(end, 20);
    if (kEndBytes + comment > end.size()) {
        refuse("ARCHIVE_TRUNCATED",
               "is cut off inside the comment at its end; send the whole file again");
    }
    if (kEndBytes + comment < end.size()) {
        refuse("ARCHIVE_TRAILING",
               "is refused: " + std::to_string(end.size() - kEndBytes - comment) +
                   " bytes follow its end; pack it again");
    }
    Directory directory{.offset = load<std::uint32_t>(end, 16),
                        .size = load<std::uint32_t>(end, 12),
                        .entries = load<std::uint16_t>(end, 10)};
    std::uint64_t end_offset = file_.size() - end.size();
    if (load<std::uint16_t>(end, 4) != 0 && load<std::uint16_t>(end, 4) != 0xFFFF) {
        refuse("ARCHIVE_SPLIT", "is one part of a split archive; join the parts first");
    }
    if (end_offset >= kZip64PlaceBytes) {
        const std::vector<std::uint8_t> place =
            file_.read(end_offset - kZip64PlaceBytes, kZip64PlaceBytes);
        if (load<std::uint32_t>(place, 0) == kZip64PlaceMark) {
            const auto zip64_offset = load<std::uint64_t>(place, 8);
            end_offset -= kZip64PlaceBytes;
            if (end_offset < kZip64EndBytes || zip64_offset > end_offset - kZip64EndBytes) {
                refuse("ARCHIVE_ZIP64", "is refused: its ZIP64 end record lies outside the file");
            }
            directory = zip64Directory(zip64_offset, directory);
            const auto rest = load<std::uint64_t>(file_.read(zip64_offset, kZip64EndBytes), 4);
            if (rest != end_offset - zip64_offset - 12) {
                refuse("ARCHIVE_ZIP64", "is refused: its ZIP64 end record has a false length");
            }
            end_offset = zip64_offset;
        }
    }
    if (directory.size > end_offset || directory.offset > end_offset - directory.size) {
        refuse("ARCHIVE_DIRECTORY",
               "is refused: its directory would lie outside the file; send the whole file again");
    }
    if (directory.offset + directory.size != end_offset) {
        refuse("ARCHIVE_PREPENDED",
               "is refused: " + std::to_string(end_offset - directory.offset - directory.size) +
                   " bytes in it belong to no entry; pack it again");
    }
    return directory;
}

Directory DirectoryReader::zip64Directory(std::uint64_t end_offset, const Directory& stated) const {
    const std::vector<std::uint8_t> end = file_.read(end_offset, kZip64EndBytes);
    if (load<std::uint32_t>(end, 0) != kZip64EndMark) {
        refuse("ARCHIVE_ZIP64", "is refused: there is no ZIP64 end record where one should be");
    }
    const Directory directory{.offset = load<std::uint64_t>(end, 48),
                              .size = load<std::uint64_t>(end, 40),
                              .entries = load<std::uint64_t>(end, 32)};
    const bool agrees = (stated.offset == kAllOnes || stated.offset == directory.offset) &&
                        (stated.size == kAllOnes || stated.size == directory.size) &&
                        (stated.entries == 0xFFFF || stated.entries == directory.entries);
    if (!agrees) refuse("ARCHIVE_ZIP64", "is refused: its two end records contradict each other");
    return directory;
}

Bytes DirectoryReader::zip64Extra(Bytes extra, const std::string& shown) const {
    while (extra.size() >= 4) {
        const std::size_t length = load<std::uint16_t>(extra, 2);
        if (length > extra.size() - 4) break;
        if (load<std::uint16_t>(extra, 0) == 1) return extra.subspan(4, length);
        extra = extra.subspan(4 + length);
    }
    refuse("ARCHIVE_ZIP64", "is refused: its entry " + shown + " lacks its ZIP64 sizes");
}

std::uint64_t DirectoryReader::fromExtra(Bytes& value, const std::string& shown) const {
    if (value.size() < 8) {
        refuse("ARCHIVE_ZIP64", "is refused: its entry " + shown + " lacks its ZIP64 sizes");
    }
    const auto number = load<std::uint64_t>(value, 0);
    value = value.subspan(8);
    return number;
}

Header DirectoryReader::readHeader(Bytes fixed, Bytes name, Bytes extra) const {
    Header header{.raw_name = std::string(name.begin(), name.end()),
                  .flags = load<std::uint16_t>(fixed, 8),
                  .local_offset = load<std::uint32_t>(fixed, 42)};
    ZipEntry& entry = header.entry;
    entry.name = nameAsUtf8(header.raw_name);
    if (const std::string_view fault = nameFault(header.raw_name); !fault.empty()) {
        refuse("ARCHIVE_NAME", entry, std::string(fault) + "; pack it again");
    }
    if ((header.flags & (kEncrypted | kStrongEncryption | kMaskedHeaders)) != 0) {
        refuse("ARCHIVE_ENCRYPTED", entry, "is encrypted; pack it without a password");
    }
    const auto method = load<std::uint16_t>(fixed, 10);
    if (method != 0 && method != 8) {
        refuse("ARCHIVE_METHOD", entry,
               "is packed by method " + std::to_string(method) + "; pack it with plain deflate");
    }
    entry.method = ZipMethod{method};
    entry.crc32 = load<std::uint32_t>(fixed, 16);
    entry.packed_size = load<std::uint32_t>(fixed, 20);
    entry.size = load<std::uint32_t>(fixed, 24);
    if (entry.size == kAllOnes || entry.packed_size == kAllOnes ||
        header.local_offset == kAllOnes) {
        const std::string shown = quotedName(entry.name);
        Bytes value = zip64Extra(extra, shown);
        if (entry.size == kAllOnes) entry.size = fromExtra(value, shown);
        if (entry.packed_size == kAllOnes) entry.packed_size = fromExtra(value, shown);
        if (header.local_offset == kAllOnes) header.local_offset = fromExtra(value, shown);
    }
    return header;
}

void DirectoryReader::checkSizes(const ZipEntry& entry) const {
    if (entry.packed_size > file_.size()) {
        refuse("ARCHIVE_SIZE", entry, "says that it is larger than the archive");
    }
    const bool empty = entry.size == 0;
    const bool lies = (entry.method == ZipMethod::stored && entry.size != entry.packed_size) ||
                      (!empty && entry.packed_size == 0) || (entry.isFolder() && !empty);
    if (lies) refuse("ARCHIVE_SIZE", entry, "has sizes that contradict each other");
    if (entry.size > kHarmlessBytes &&
        static_cast<double>(entry.size) >
            limits_.max_ratio * static_cast<double>(entry.packed_size)) {
        refuse("ARCHIVE_RATIO", entry,
               "would grow " + std::to_string(entry.size / entry.packed_size) +
                   "-fold, as a bomb does; raise max_ratio if it is none");
    }
    if (entry.size > limits_.max_entry_bytes) {
        refuse("ARCHIVE_ENTRY_TOO_LARGE", entry,
               "has " + std::to_string(entry.size) + " bytes; max_entry_bytes allows " +
                   std::to_string(limits_.max_entry_bytes));
    }
}

void DirectoryReader::checkTotals(const std::vector<Header>& headers) const {
    std::uint64_t size = 0;
    std::uint64_t packed = 0;
    for (const Header& header : headers) {
        if (header.entry.size > limits_.max_bytes - size) {
            refuse("ARCHIVE_TOO_LARGE", "is refused: it would take more than the " +
                                            std::to_string(limits_.max_bytes) +
                                            " bytes that max_bytes allows");
        }
        size += header.entry.size;
        packed += header.entry.packed_size;
    }
    if (size > kHarmlessBytes &&
        static_cast<double>(size) > limits_.max_ratio * static_cast<double>(packed)) {
        refuse("ARCHIVE_RATIO",
               "is refused: it would grow more than max_ratio allows, as a bomb does");
    }
}

std::vector<Header> DirectoryReader::readHeaders(const Directory& directory) const {
    if (directory.entries > limits_.max_entries || directory.size > kLargestDirectory) {
        refuse("ARCHIVE_TOO_MANY", "is refused: it has " + std::to_string(directory.entries) +
                                       " entries; max_entries allows " +
                                       std::to_string(limits_.max_entries));
    }
    const std::vector<std::uint8_t> store =
        file_.read(directory.offset, static_cast<std::size_t>(directory.size));
    Bytes rest(store);
    std::vector<Header> headers;
    while (!rest.empty()) {
        if (rest.size() < kHeaderBytes || load<std::uint32_t>(rest, 0) != kHeaderMark) {
            refuse("ARCHIVE_DIRECTORY", "is refused: its directory is damaged after entry " +
                                            std::to_string(headers.size()) + "; send it again");
        }
        const std::size_t name = load<std::uint16_t>(rest, 28);
        const std::size_t extra = load<std::uint16_t>(rest, 30);
        const std::size_t comment = load<std::uint16_t>(rest, 32);
        const std::size_t length = kHeaderBytes + name + extra + comment;
        if (length > rest.size() || headers.size() == directory.entries) {
            refuse("ARCHIVE_DIRECTORY",
                   "is refused: its directory and its count of entries contradict each other");
        }
        headers.push_back(readHeader(rest, rest.subspan(kHeaderBytes, name),
                                     rest.subspan(kHeaderBytes + name, extra)));
        checkSizes(headers.back().entry);
        rest = rest.subspan(length);
    }
    if (headers.size() != directory.entries) {
        refuse("ARCHIVE_DIRECTORY", "is refused: its directory has " +
                                        std::to_string(headers.size()) + " entries and says " +
                                        std::to_string(directory.entries));
    }
    return headers;
}

void DirectoryReader::checkLocal(Header& header) const {
    ZipEntry& entry = header.entry;
    if (file_.size() < kLocalBytes || header.local_offset > file_.size() - kLocalBytes) {
        refuse("ARCHIVE_SIZE", entry, "would begin outside the file");
    }
    const std::vector<std::uint8_t> fixed = file_.read(header.local_offset, kLocalBytes);
    const std::size_t name_length = load<std::uint16_t>(fixed, 26);
    const std::size_t extra_length = load<std::uint16_t>(fixed, 28);
    const std::uint64_t name_offset = header.local_offset + kLocalBytes;
    if (load<std::uint32_t>(fixed, 0) != kLocalMark ||
        name_length + extra_length > file_.size() - name_offset) {
        refuse("ARCHIVE_LOCAL_HEADER", entry, "has no header of its own where it should be");
    }
    const std::vector<std::uint8_t> names = file_.read(name_offset, name_length + extra_length);
    const Bytes raw_name = Bytes(names).first(name_length);
    std::uint64_t packed = load<std::uint32_t>(fixed, 18);
    std::uint64_t size = load<std::uint32_t>(fixed, 22);
    if (packed == kAllOnes || size == kAllOnes) {
        const std::string shown = quotedName(entry.name);
        Bytes value = zip64Extra(Bytes(names).subspan(name_length), shown);
        if (size == kAllOnes) size = fromExtra(value, shown);
        if (packed == kAllOnes) packed = fromExtra(value, shown);
    }
    const auto crc32 = load<std::uint32_t>(fixed, 14);
    // With a descriptor the sizes come after the data, and these fields may be zero.
    const bool late = (header.flags & kDescriptor) != 0;
    const auto same = [late](std::uint64_t local, std::uint64_t central) {
        return local == central || (late && local == 0);
    };
    const bool agrees =
        std::ranges::equal(
            raw_name, header.raw_name,
            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) &&
        load<std::uint16_t>(fixed, 8) == static_cast<std::uint16_t>(entry.method) &&
        ((load<std::uint16_t>(fixed, 6) ^ header.flags) & kFlagsThatMustAgree) == 0 &&
        same(crc32, entry.crc32) && same(packed, entry.packed_size) && same(size, entry.size);
    if (!agrees) {
        refuse("ARCHIVE_LOCAL_HEADER", entry,
               "has a header that contradicts the directory; pack it again");
    }
    entry.data_offset = name_offset + name_length + extra_length;
}

bool DirectoryReader::isDescriptor(const ZipEntry& entry, Bytes bytes) const {
    if (bytes.size() == 16 || bytes.size() == 24) {
        if (load<std::uint32_t>(bytes, 0) != kDescriptorMark) return false;
        bytes = bytes.subspan(4);
    }
    if (load<std::uint32_t>(bytes, 0) != entry.crc32) return false;
    if (bytes.size() == 20) {
        return load<std::uint64_t>(bytes, 4) == entry.packed_size &&
               load<std::uint64_t>(bytes, 12) == entry.size;
    }
    return load<std::uint32_t>(bytes, 4) == entry.packed_size &&
           load<std::uint32_t>(bytes, 8) == entry.size;
}

// `end` is where the next entry, or the directory, begins.
void DirectoryReader::checkExtent(const Header& header, std::uint64_t end) const {
    const ZipEntry& entry = header.entry;
    if (entry.data_offset > end || entry.packed_size > end - entry.data_offset) {
        refuse("ARCHIVE_OVERLAP", entry, "overlaps what comes after it");
    }
    const std::uint64_t data_end = entry.data_offset + entry.packed_size;
    const std::uint64_t rest = end - data_end;
    if ((header.flags & kDescriptor) != 0) {
        const bool possible = rest == 12 || rest == 16 || rest == 20 || rest == 24;
        if (!possible ||
            !isDescriptor(entry, file_.read(data_end, static_cast<std::size_t>(rest)))) {
            refuse("ARCHIVE_DESCRIPTOR", entry,
                   "is followed by sizes that contradict the directory");
        }
    } else if (rest != 0) {
        refuse("ARCHIVE_GAP", entry,
               "is followed by " + std::to_string(rest) + " bytes that belong to no entry");
    }
}

std::vector<ZipEntry> DirectoryReader::read() const {
    const Directory directory = findDirectory();
    std::vector<Header> headers = readHeaders(directory);
    checkTotals(headers);
    for (Header& header : headers) checkLocal(header);

    std::vector<std::size_t> order(headers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return headers[i].local_offset; });
    const std::uint64_t first =
        order.empty() ? directory.offset : headers[order.front()].local_offset;
    if (first != 0 || (order.empty() && directory.offset != 0)) {
        refuse("ARCHIVE_PREPENDED", "is refused: " + std::to_string(first) +
                                        " bytes stand before its first entry; pack it again");
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::uint64_t end =
            i + 1 < order.size() ? headers[order[i + 1]].local_offset : directory.offset;
        checkExtent(headers[order[i]], end);
    }

    std::vector<ZipEntry> entries;
    entries.reserve(headers.size());
    for (Header& header : headers) entries.push_back(std::move(header.entry));
    return entries;
}

}  // namespace

std::vector<ZipEntry> readZipDirectory(const ArchiveFile& file, const ZipLimits& limits) {
    return DirectoryReader(file, limits).read();
}

}  // namespace sheafline::extract
