#include "zip_end.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zip_error.h"
#include "zip_format.h"

namespace sheafline::extract {

namespace {

constexpr std::size_t kLongestComment = 0xFFFF;
// A newline, or the padding of a tape or a mail gateway.
constexpr std::size_t kLongestTrail = 64U << 10U;

std::string_view kindOf(const ArchiveFile& file) {
    const std::vector<std::uint8_t> head =
        file.read(0, static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 8)));
    const std::string_view start(reinterpret_cast<const char*>(head.data()), head.size());
    if (start.starts_with("PK\3\4")) return "zip";
    if (start.starts_with("Rar!")) return "a RAR archive";
    if (start.starts_with("7z\xBC\xAF")) return "a 7z archive";
    if (start.starts_with("\x1F\x8B")) return "a gzip file";
    if (start.starts_with("%PDF")) return "a PDF";
    return "a file of another kind";
}

class EndReader {
 public:
    explicit EndReader(const ArchiveFile& file) : file_(file) {}

    ZipEnd read() const;

 private:
    // The stated numbers of either end record.
    struct Stated {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::uint64_t entries = 0;
    };

    struct Zip64Place {
        std::uint64_t offset = 0;
        std::uint64_t shift = 0;  // how far behind its stated offset
    };

    std::uint64_t findEndRecord() const;
    std::optional<Zip64Place> findZip64End(std::uint64_t place_offset) const;
    Stated readZip64End(std::uint64_t offset, const Stated& stated) const;
    void placeDirectory(ZipEnd& end, const Stated& stated) const;
    bool hasMark(std::uint64_t offset, std::uint32_t mark) const;

    [[noreturn]] void reject(const char* code, const std::string& reason) const {
        rejectArchive(file_.name(), code, reason);
    }
    [[noreturn]] void rejectSplit() const {
        reject("ARCHIVE_SPLIT", "is one part of a split archive; join the parts first");
    }

    const ArchiveFile& file_;
};

bool EndReader::hasMark(std::uint64_t offset, std::uint32_t mark) const {
    if (offset > file_.size() || file_.size() - offset < sizeof mark) return false;
    return load<std::uint32_t>(file_.read(offset, sizeof mark), 0) == mark;
}

// The last end record whose comment is inside the file.
std::uint64_t EndReader::findEndRecord() const {
    if (file_.size() == 0) reject("ARCHIVE_EMPTY", "is empty (0 bytes); send it again");
    const auto tail_bytes = static_cast<std::size_t>(
        std::min<std::uint64_t>(file_.size(), kEndBytes + kLongestComment + kLongestTrail));
    const std::vector<std::uint8_t> tail_store = file_.read(file_.size() - tail_bytes, tail_bytes);
    const Bytes tail(tail_store);
    bool cut_off = false;
    for (std::size_t at = tail.size() - std::min(tail.size(), kEndBytes) + 1; at-- > 0;) {
        if (tail.size() - at < kEndBytes || load<std::uint32_t>(tail, at) != kEndMark) continue;
        const std::size_t comment = load<std::uint16_t>(tail, at + 20);
        if (comment <= tail.size() - at - kEndBytes) return file_.size() - tail_bytes + at;
        cut_off = true;
    }
    if (cut_off) {
        reject("ARCHIVE_TRUNCATED",
               "is cut off inside the comment at its end; send the whole file again");
    }
    const std::string_view kind = kindOf(file_);
    if (kind == "zip") {
        reject("ARCHIVE_TRUNCATED",
               "is cut off: the directory at its end is missing; send the whole file again");
    }
    reject("ARCHIVE_NOT_ZIP", "is not a ZIP archive but " + std::string(kind) +
                                  "; give a ZIP of scans, a PDF, or a JPEG, PNG, TIFF or WebP");
}

// Where the ZIP64 end record is; nothing if the archive has none.
std::optional<EndReader::Zip64Place> EndReader::findZip64End(std::uint64_t place_offset) const {
    const std::vector<std::uint8_t> place = file_.read(place_offset, kZip64PlaceBytes);
    if (load<std::uint32_t>(place, 0) != kZip64PlaceMark) return std::nullopt;
    if (load<std::uint32_t>(place, 4) != 0 || load<std::uint32_t>(place, 16) > 1) rejectSplit();
    const auto stated = load<std::uint64_t>(place, 8);
    if (place_offset < kZip64EndBytes || stated > place_offset - kZip64EndBytes) {
        reject("ARCHIVE_ZIP64", "is rejected: its ZIP64 end record lies outside the file");
    }
    // In an archive behind a prefix, the offset counts from the end of the prefix.
    for (const std::uint64_t offset : {stated, place_offset - kZip64EndBytes}) {
        if (!hasMark(offset, kZip64EndMark)) continue;
        const auto rest = load<std::uint64_t>(file_.read(offset, kZip64EndBytes), 4);
        if (rest != place_offset - offset - 12) {
            reject("ARCHIVE_ZIP64", "is rejected: its ZIP64 end record has a wrong length");
        }
        return Zip64Place{.offset = offset, .shift = offset - stated};
    }
    reject("ARCHIVE_ZIP64", "is rejected: there is no ZIP64 end record where one should be");
}

EndReader::Stated EndReader::readZip64End(std::uint64_t offset, const Stated& stated) const {
    const std::vector<std::uint8_t> end = file_.read(offset, kZip64EndBytes);
    const Stated wide{.offset = load<std::uint64_t>(end, 48),
                      .size = load<std::uint64_t>(end, 40),
                      .entries = load<std::uint64_t>(end, 32)};
    const bool one_disk = load<std::uint32_t>(end, 16) == 0 && load<std::uint32_t>(end, 20) == 0;
    if (!one_disk || load<std::uint64_t>(end, 24) != wide.entries) rejectSplit();
    const bool agrees = (stated.offset == kAllOnes || stated.offset == wide.offset) &&
                        (stated.size == kAllOnes || stated.size == wide.size) &&
                        (stated.entries == kAllOnes16 || stated.entries == wide.entries);
    if (!agrees) reject("ARCHIVE_ZIP64", "is rejected: its two end records contradict each other");
    return wide;
}

// The directory ends where the end records begin. If it is stated to end before, either the offsets
// count from the end of a prefix, or other bytes follow the directory.
void EndReader::placeDirectory(ZipEnd& end, const Stated& stated) const {
    end.directory_size = stated.size;
    end.entries = stated.entries;
    if (stated.size > end.records_begin || stated.offset > end.records_begin - stated.size) {
        reject("ARCHIVE_DIRECTORY",
               "is rejected: its directory would lie outside the file; send the whole file again");
    }
    const std::uint64_t shift = end.records_begin - stated.size - stated.offset;
    const bool shifted = hasMark(stated.offset + shift, kHeaderMark) || stated.size == 0;
    const bool as_stated = hasMark(stated.offset, kHeaderMark) && stated.size > 0;
    if (shift != 0 && shifted && as_stated) {
        reject(
            "ARCHIVE_DIRECTORY",
            "is rejected: it has two directories and does not say which is right; pack it again");
    }
    const bool in_place = shift == 0 || (as_stated && !shifted);
    end.directory_offset = in_place ? stated.offset : stated.offset + shift;
    if (in_place) return;
    if (!shifted) {
        reject("ARCHIVE_DIRECTORY",
               "is rejected: its directory is not where its end record says; send it again");
    }
    end.wrapped = !end.zip64 && (shift & kAllOnes) == 0;
    if (!end.wrapped) end.base = shift;
}

ZipEnd EndReader::read() const {
    ZipEnd end;
    end.records_begin = findEndRecord();
    const std::vector<std::uint8_t> record = file_.read(end.records_begin, kEndBytes);
    const Bytes bytes(record);
    end.records_end = end.records_begin + kEndBytes + load<std::uint16_t>(bytes, 20);
    Stated stated{.offset = load<std::uint32_t>(bytes, 16),
                  .size = load<std::uint32_t>(bytes, 12),
                  .entries = load<std::uint16_t>(bytes, 10)};
    const auto disk = load<std::uint16_t>(bytes, 4);
    const auto directory_disk = load<std::uint16_t>(bytes, 6);
    const auto entries_here = load<std::uint16_t>(bytes, 8);
    std::optional<Zip64Place> zip64_end;
    if (end.records_begin >= kZip64PlaceBytes) {
        zip64_end = findZip64End(end.records_begin - kZip64PlaceBytes);
    }
    const auto one = [&](std::uint16_t number) {
        return number == 0 || (zip64_end && number == kAllOnes16);
    };
    if (!one(disk) || !one(directory_disk) || entries_here != stated.entries) rejectSplit();
    if (zip64_end) {
        stated = readZip64End(zip64_end->offset, stated);
        end.records_begin = zip64_end->offset;
        end.zip64 = true;
    }
    placeDirectory(end, stated);
    if (zip64_end && zip64_end->shift != end.base) {
        reject("ARCHIVE_ZIP64", "is rejected: its ZIP64 end record is not where it should be");
    }
    return end;
}

}  // namespace

ZipEnd findZipEnd(const ArchiveFile& file) { return EndReader(file).read(); }

}  // namespace sheafline::extract
