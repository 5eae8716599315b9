#include "images/exif.h"

#include <cstddef>

namespace sheafline::sheets {

namespace {

constexpr std::uint32_t kOrientation = 0x0112;
constexpr std::uint32_t kXResolution = 0x011A;
constexpr std::uint32_t kResolutionUnit = 0x0128;

class ExifBytes {
 public:
    ExifBytes(std::span<const std::uint8_t> bytes, bool big_endian)
        : bytes_(bytes), big_endian_(big_endian) {}

    // 0 beyond the end.
    std::uint32_t number(std::size_t offset, std::size_t size) const {
        if (offset > bytes_.size() || bytes_.size() - offset < size) return 0;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8U | bytes_[offset + (big_endian_ ? i : size - 1 - i)];
        }
        return value;
    }

 private:
    std::span<const std::uint8_t> bytes_;
    bool big_endian_;
};

}  // namespace

Exif parseExif(std::span<const std::uint8_t> block) {
    Exif exif;
    if (block.size() < 8 || block[0] != block[1] || (block[0] != 'I' && block[0] != 'M')) {
        return exif;
    }
    const ExifBytes bytes(block, block[0] == 'M');
    if (bytes.number(2, 2) != 42) return exif;
    const std::size_t directory = bytes.number(4, 4);
    const std::uint32_t count = bytes.number(directory, 2);
    double resolution = 0;
    std::uint32_t unit = 2;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::size_t entry = directory + 2 + std::size_t{12} * i;
        const std::uint32_t tag = bytes.number(entry, 2);
        if (tag == kOrientation) exif.orientation = static_cast<int>(bytes.number(entry + 8, 2));
        if (tag == kResolutionUnit) unit = bytes.number(entry + 8, 2);
        if (tag == kXResolution) {
            const std::size_t fraction = bytes.number(entry + 8, 4);
            const std::uint32_t divisor = bytes.number(fraction + 4, 4);
            if (divisor != 0) {
                resolution = static_cast<double>(bytes.number(fraction, 4)) / divisor;
            }
        }
    }
    if (unit == 2) exif.dpi = resolution;
    if (unit == 3) exif.dpi = resolution * 2.54;
    return exif;
}

}  // namespace sheafline::sheets
