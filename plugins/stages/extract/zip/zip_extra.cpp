#include "zip_extra.h"

#include <algorithm>
#include <libdeflate.h>

#include <sheafline/utf8.h>

namespace sheafline::extract {

namespace {

constexpr std::uint16_t kZip64 = 0x0001;
constexpr std::uint16_t kUnicodePath = 0x7075;
constexpr std::size_t kUnicodePathBytes = 5;  // its version and the checksum

}  // namespace

std::optional<std::string> ZipExtra::nameFor(std::string_view raw_name) const {
    if (!unicode_name || unicode_name->size() <= kUnicodePathBytes) return std::nullopt;
    const Bytes field = *unicode_name;
    const bool known_version = field[0] == 1;
    const std::uint32_t crc32 = libdeflate_crc32(0, raw_name.data(), raw_name.size());
    if (!known_version || load<std::uint32_t>(field, 1) != crc32) return std::nullopt;
    const Bytes name = field.subspan(kUnicodePathBytes);
    std::string text(name.begin(), name.end());
    return isUtf8(text) ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<ZipExtra> readZipExtra(Bytes extra) {
    ZipExtra found;
    while (extra.size() >= 4) {
        const auto id = load<std::uint16_t>(extra, 0);
        const std::size_t length = load<std::uint16_t>(extra, 2);
        if (length > extra.size() - 4) return std::nullopt;
        std::optional<Bytes>* const part = id == kZip64         ? &found.zip64
                                           : id == kUnicodePath ? &found.unicode_name
                                                                : nullptr;
        if (part != nullptr) {
            if (*part) return std::nullopt;
            *part = extra.subspan(4, length);
        }
        extra = extra.subspan(4 + length);
    }
    // Tools that align the data pad the field with up to three zeros.
    const bool padding = std::ranges::all_of(extra, [](std::uint8_t byte) { return byte == 0; });
    return padding ? std::optional(found) : std::nullopt;
}

bool Zip64Numbers::replace(std::uint64_t& value) {
    if (value != kAllOnes) return true;
    if (rest_.size() < 8) return false;
    value = load<std::uint64_t>(rest_, 0);
    rest_ = rest_.subspan(8);
    return true;
}

bool Zip64Numbers::replaceDisk(std::uint32_t& disk) {
    if (disk != kAllOnes16) return true;
    if (rest_.size() < 4) return false;
    disk = load<std::uint32_t>(rest_, 0);
    rest_ = rest_.subspan(4);
    return true;
}

}  // namespace sheafline::extract
