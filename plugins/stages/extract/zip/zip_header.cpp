#include "zip_header.h"

#include <array>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include <sheafline/shown_text.h>
#include <sheafline/utf8.h>

#include "zip_error.h"
#include "zip_extra.h"
#include "zip_format.h"

namespace sheafline::extract {

namespace {

constexpr const char* kEncryptedReason = "is encrypted; pack it without a password";

// The directory is read into memory: some 1,300 bytes for each of 200,000 entries.
constexpr std::uint64_t kLargestDirectory = 256ULL << 20U;

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 11> kMethods{{{1, "Shrink"},
                                                                               {6, "Implode"},
                                                                               {9, "Deflate64"},
                                                                               {12, "bzip2"},
                                                                               {14, "LZMA"},
                                                                               {93, "Zstandard"},
                                                                               {94, "MP3"},
                                                                               {95, "XZ"},
                                                                               {96, "JPEG"},
                                                                               {97, "WavPack"},
                                                                               {98, "PPMd"}}};

std::string methodName(std::uint16_t method) {
    for (const auto& [number, name] : kMethods) {
        if (number == method) return std::string(name);
    }
    return "method " + std::to_string(method);
}

// Hosts that write names with '\': FAT, HPFS, NTFS, VFAT.
bool isDos(unsigned host) { return host == 0 || host == 6 || host == 10 || host == 14; }
bool isUnix(unsigned host) { return host == 3 || host == 19; }

ZipEntryKind kindOf(unsigned host, std::uint32_t external) {
    if (!isUnix(host)) return ZipEntryKind::file;
    const unsigned mode = external >> 16U;
    if (S_ISLNK(mode)) return ZipEntryKind::link;
    const bool device = S_ISCHR(mode) || S_ISBLK(mode) || S_ISFIFO(mode) || S_ISSOCK(mode);
    return device ? ZipEntryKind::device : ZipEntryKind::file;
}

class HeaderReader {
 public:
    explicit HeaderReader(const std::string& archive) : archive_(archive) {}

    ZipHeader read(Bytes fixed, Bytes name, Bytes extra_field) const {
        ZipHeader header{.raw_name = std::string(name.begin(), name.end()),
                         .flags = load<std::uint16_t>(fixed, 8),
                         .local_offset = load<std::uint32_t>(fixed, 42)};
        const std::optional<ZipExtra> extra = readZipExtra(extra_field);
        if (!extra) {
            reject("ARCHIVE_EXTRA", header,
                   "has an extra field that contradicts itself; pack it again");
        }
        readName(header, *extra);
        const unsigned host = fixed[5];
        header.dos = isDos(host);
        header.entry.kind = kindOf(host, load<std::uint32_t>(fixed, 38));
        readMethod(header, load<std::uint16_t>(fixed, 10));
        readNumbers(header, fixed, *extra);
        return header;
    }

 private:
    [[noreturn]] void reject(const char* code, const ZipHeader& header,
                             const std::string& reason) const {
        rejectEntry(archive_, code, header.unicode_name.value_or(header.raw_name), reason);
    }

    static void readName(ZipHeader& header, const ZipExtra& extra) {
        header.unicode_name = extra.nameFor(header.raw_name);
        if ((header.flags & kUtf8Name) != 0 && isUtf8(header.raw_name)) {
            header.unicode_name = header.raw_name;
        }
    }

    void readMethod(ZipHeader& header, std::uint16_t method) const {
        ZipEntry& entry = header.entry;
        if ((header.flags & (kStrongEncryption | kMaskedHeaders)) != 0)
            reject("ARCHIVE_ENCRYPTED", header, kEncryptedReason);
        if ((header.flags & kEncrypted) != 0) {
            entry.locked = kEncryptedReason;
            entry.locked_code = "ARCHIVE_ENCRYPTED";
        }
        if ((header.flags & kPatched) != 0) {
            reject("ARCHIVE_PATCHED", header, "is a patch of another file; pack the whole file");
        }
        if (method != 0 && method != 8 && entry.locked.empty()) {
            entry.locked = "is packed with " + methodName(method) + "; pack it with Deflate";
            entry.locked_code = "ARCHIVE_METHOD";
        }
        entry.method = ZipMethod{method};
    }

    void readNumbers(ZipHeader& header, Bytes fixed, const ZipExtra& extra) const {
        ZipEntry& entry = header.entry;
        entry.crc32 = load<std::uint32_t>(fixed, 16);
        entry.packed_size = load<std::uint32_t>(fixed, 20);
        entry.size = load<std::uint32_t>(fixed, 24);
        std::uint32_t disk = load<std::uint16_t>(fixed, 34);
        Zip64Numbers numbers(extra);
        const bool complete = numbers.replace(entry.size) && numbers.replace(entry.packed_size) &&
                              numbers.replace(header.local_offset) && numbers.replaceDisk(disk);
        if (!complete) reject("ARCHIVE_ZIP64", header, "lacks its ZIP64 sizes; pack it again");
        if (disk != 0) {
            reject(
                "ARCHIVE_SPLIT", header,
                "is on disk " + std::to_string(disk) + " of a split archive; join the parts first");
        }
    }

    const std::string& archive_;
};

// Offsets modulo 2^32 become whole: tools without ZIP64 write the entries in the directory's order.
void unwrapOffsets(std::vector<ZipHeader>& headers) {
    std::uint64_t previous_end = 0;
    for (ZipHeader& header : headers) {
        while (header.local_offset < previous_end) header.local_offset += 1ULL << 32U;
        previous_end =
            header.local_offset + kLocalBytes + header.raw_name.size() + header.entry.packed_size;
    }
}

bool isSignature(Bytes rest) {
    return rest.size() >= 6 && load<std::uint32_t>(rest, 0) == kSignatureMark &&
           load<std::uint16_t>(rest, 4) == rest.size() - 6;
}

bool isCount(const ZipEnd& end, std::uint64_t count) {
    return count == end.entries || (!end.zip64 && count % 65536 == end.entries);
}

}  // namespace

std::vector<ZipHeader> readZipHeaders(const ArchiveFile& file, const ZipEnd& end,
                                      const ZipLimits& limits) {
    const auto rejectCount = [&](std::uint64_t count) {
        rejectArchive(file.name(), "ARCHIVE_TOO_MANY",
                      "is rejected: it has " + counted(count, "entry", "entries") +
                          "; max_entries allows " + std::to_string(limits.max_entries));
    };
    if (end.entries > limits.max_entries || end.directory_size > kLargestDirectory) {
        rejectCount(end.entries);
    }
    const std::vector<std::uint8_t> store =
        file.read(end.directory_offset, static_cast<std::size_t>(end.directory_size));
    Bytes rest(store);
    const HeaderReader reader(file.name());
    std::vector<ZipHeader> headers;
    while (!rest.empty() && !isSignature(rest)) {
        if (headers.size() == limits.max_entries) rejectCount(headers.size() + 1);
        const bool whole =
            rest.size() >= kHeaderBytes && load<std::uint32_t>(rest, 0) == kHeaderMark;
        const std::size_t name = whole ? load<std::uint16_t>(rest, 28) : 0;
        const std::size_t extra = whole ? load<std::uint16_t>(rest, 30) : 0;
        const std::size_t comment = whole ? load<std::uint16_t>(rest, 32) : 0;
        const std::size_t length = kHeaderBytes + name + extra + comment;
        if (!whole || length > rest.size()) {
            rejectArchive(file.name(), "ARCHIVE_DIRECTORY",
                          "is rejected: its directory is damaged after entry " +
                              std::to_string(headers.size()) + "; send it again");
        }
        headers.push_back(reader.read(rest, rest.subspan(kHeaderBytes, name),
                                      rest.subspan(kHeaderBytes + name, extra)));
        rest = rest.subspan(length);
    }
    if (!isCount(end, headers.size())) {
        rejectArchive(file.name(), "ARCHIVE_DIRECTORY",
                      "is rejected: its directory has " +
                          counted(headers.size(), "entry", "entries") + " and says " +
                          std::to_string(end.entries));
    }
    if (end.wrapped) unwrapOffsets(headers);
    for (ZipHeader& header : headers) header.local_offset += end.base;
    return headers;
}

}  // namespace sheafline::extract
