// A TIFF of one page, big-endian as the samples of a PDF are:
//   tiff  = "MM" 42:2 8:4 count:2 entry* 0:4 values strip
//   entry = tag:2 type:2 count:4 value:4               ; sorted by tag
#include "image_wrap.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>
#include <zlib.h>

namespace sheafline::pdf {

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::uint16_t kShort = 3;
constexpr std::uint16_t kLong = 4;
constexpr std::uint16_t kRational = 5;
constexpr std::uint16_t kStripOffsets = 273;  // its value is known last

void put(std::string& bytes, std::uint64_t value, unsigned length) {
    for (unsigned i = length; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
}

// The entries of a TIFF's directory; values of more than four bytes follow it.
class Directory {
 public:
    void add(std::uint16_t tag, std::uint16_t type, std::uint32_t value) {
        std::string cell;
        put(cell, value, type == kShort ? 2 : 4);
        cell.resize(4);
        entries_.push_back({.tag = tag, .type = type, .count = 1, .value = cell});
    }
    void addValues(std::uint16_t tag, std::uint16_t type, std::uint32_t count, std::string value) {
        entries_.push_back({.tag = tag, .type = type, .count = count, .value = std::move(value)});
    }

    // The entry of the strip, which follows the directory.
    void addStrip(std::uint32_t length) {
        constexpr std::uint16_t kStripByteCounts = 279;
        add(kStripOffsets, kLong, 0);
        add(kStripByteCounts, kLong, length);
    }

    std::string bytes() {
        std::ranges::sort(entries_, {}, &Entry::tag);
        std::size_t values_at = 8 + 2 + 12 * entries_.size() + 4;
        std::size_t strip_at = values_at;
        for (const Entry& entry : entries_)
            if (entry.value.size() > 4) strip_at += entry.value.size();
        std::string head = "MM\0*\0\0\0\x08"s;
        std::string values;
        put(head, entries_.size(), 2);
        for (const Entry& entry : entries_) {
            put(head, entry.tag, 2);
            put(head, entry.type, 2);
            put(head, entry.count, 4);
            if (entry.tag == kStripOffsets) {
                put(head, strip_at, 4);
            } else if (entry.value.size() > 4) {
                put(head, values_at + values.size(), 4);
                values += entry.value;
            } else {
                head += entry.value;
                head.append(4 - entry.value.size(), '\0');
            }
        }
        put(head, 0, 4);
        return head + values;
    }

 private:
    struct Entry {
        std::uint16_t tag = 0;
        std::uint16_t type = 0;
        std::uint32_t count = 0;
        std::string value{};
    };
    std::vector<Entry> entries_;
};

std::string rational(double value) {
    std::string bytes;
    put(bytes, static_cast<std::uint64_t>(std::llround(value * 1000)), 4);
    put(bytes, 1000, 4);
    return bytes;
}

bool hasResolution(const Placement& placement) {
    constexpr double kMost = 100'000;
    return placement.dpi_right >= 1 && placement.dpi_down >= 1 && placement.dpi_right < kMost &&
           placement.dpi_down < kMost;
}

void addPlacement(Directory& directory, const Placement& placement) {
    directory.add(274, kShort, static_cast<std::uint32_t>(placement.orientation));
    if (!hasResolution(placement)) return;
    directory.addValues(282, kRational, 1, rational(placement.dpi_right));
    directory.addValues(283, kRational, 1, rational(placement.dpi_down));
    directory.add(296, kShort, 2);  // inches
}

std::uint32_t photometricOf(const Pixels& pixels) {
    if (!pixels.palette.empty()) return 3;
    if (pixels.components == 3) return 2;
    if (pixels.components == 4) return 5;
    return pixels.white_is_zero ? 0 : 1;
}

std::string colorMap(const Pixels& pixels) {
    const std::size_t size = std::size_t{1} << pixels.bits;
    std::string map;
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::size_t i = 0; i < size; ++i)
            put(map, i < pixels.palette.size() ? pixels.palette[i].at(channel) * 257U : 0U, 2);
    return map;
}

void chunk(std::string& png, std::string_view type, std::string_view data) {
    put(png, data.size(), 4);
    const std::size_t from = png.size();
    png.append(type).append(data);
    const auto* bytes = reinterpret_cast<const Bytef*>(png.data() + from);
    put(png, ::crc32_z(0, bytes, png.size() - from), 4);
}

// An EXIF block with the orientation and, if it is known, the resolution.
std::string exif(const Placement& placement) {
    Directory directory;
    addPlacement(directory, placement);
    return directory.bytes();
}

}  // namespace

std::string tiffFile(const Pixels& pixels, const Placement& placement, const TiffCoding& coding,
                     std::string_view strip) {
    Directory directory;
    directory.add(256, kLong, pixels.width);
    directory.add(257, kLong, pixels.height);
    std::string bits;
    for (unsigned i = 0; i < pixels.components; ++i) put(bits, pixels.bits, 2);
    directory.addValues(258, kShort, pixels.components, bits);
    directory.add(259, kShort, static_cast<std::uint32_t>(coding.compression));
    directory.add(262, kShort, photometricOf(pixels));
    directory.add(277, kShort, pixels.components);
    directory.add(278, kLong, pixels.height);
    directory.add(284, kShort, 1);  // the components of a pixel are together
    if (coding.compression == Compression::fax3) directory.add(292, kLong, coding.fax3_options);
    if (coding.differences) directory.add(317, kShort, 2);
    if (!pixels.palette.empty())
        directory.addValues(320, kShort, 3U << pixels.bits, colorMap(pixels));
    addPlacement(directory, placement);
    directory.addStrip(static_cast<std::uint32_t>(strip.size()));
    return directory.bytes().append(strip);
}

std::string pngFile(const Pixels& pixels, const Placement& placement, std::string_view zlib) {
    std::string png = "\x89PNG\r\n\x1A\n";
    std::string header;
    put(header, pixels.width, 4);
    put(header, pixels.height, 4);
    put(header, pixels.bits, 1);
    const unsigned kind = pixels.components == 3 ? 2 : pixels.palette.empty() ? 0 : 3;
    put(header, kind, 1);
    header.append(3, '\0');
    chunk(png, "IHDR", header);
    std::string colors;
    for (const auto& color : pixels.palette)
        for (const std::uint8_t channel : color) colors += static_cast<char>(channel);
    if (!colors.empty()) chunk(png, "PLTE", colors);
    if (hasResolution(placement)) {
        constexpr double kInchesInMeter = 1 / 0.0254;
        std::string density;
        for (const double dpi : {placement.dpi_right, placement.dpi_down})
            put(density, static_cast<std::uint64_t>(std::llround(dpi * kInchesInMeter)), 4);
        chunk(png, "pHYs", density + '\1');
    }
    chunk(png, "eXIf", exif(placement));
    chunk(png, "IDAT", zlib);
    chunk(png, "IEND", "");
    return png;
}

std::string jpegFile(const Placement& placement, std::string_view jpeg) {
    constexpr auto kBegin = "\xFF\xD8"sv;
    if (!jpeg.starts_with(kBegin)) return {};
    constexpr auto kExif = "Exif\0\0"sv;
    const std::string block = exif(placement);
    std::string file(kBegin);
    file.reserve(jpeg.size() + block.size() + 16);
    put(file, 0xFFE1, 2);
    put(file, 2 + kExif.size() + block.size(), 2);
    file.append(kExif).append(block);
    return file.append(jpeg.substr(kBegin.size()));
}

}  // namespace sheafline::pdf
