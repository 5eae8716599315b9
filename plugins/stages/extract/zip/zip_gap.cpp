#include "zip_gap.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "zip_format.h"

namespace sheafline::extract {

namespace {

constexpr std::size_t kBlockBytes = 1U << 20U;
// A record with its name; blocks overlap by so much that none is cut.
constexpr std::size_t kOverlap = kHeaderBytes + 1024;

// Programs that read ZIP have the marks among their constants, so a mark alone is no record.
bool isName(Bytes bytes) {
    return std::ranges::none_of(bytes, [](std::uint8_t byte) { return byte < 0x20; });
}

bool isHeader(Bytes bytes, std::size_t fixed, std::size_t version_at, std::size_t method_at,
              std::size_t length_at) {
    if (bytes.size() < fixed) return false;
    const std::size_t length = load<std::uint16_t>(bytes, length_at);
    const bool plausible = (load<std::uint16_t>(bytes, version_at) & 0xFFU) <= 63 &&
                           load<std::uint16_t>(bytes, method_at) <= 99 && length > 0;
    return plausible && length <= bytes.size() - fixed && isName(bytes.subspan(fixed, length));
}

bool isEntry(Bytes bytes) { return isHeader(bytes, kLocalBytes, 4, 8, 26); }

bool isDirectoryHeader(Bytes bytes) { return isHeader(bytes, kHeaderBytes, 6, 10, 28); }

std::string_view recordAt(Bytes bytes) {
    switch (load<std::uint32_t>(bytes, 0)) {
        case kLocalMark:
            return isEntry(bytes) ? "an entry" : "";
        case kHeaderMark:
            return isDirectoryHeader(bytes) ? "a directory" : "";
        default:
            return "";
    }
}

}  // namespace

std::string_view unlistedRecord(const ArchiveFile& file, std::uint64_t begin, std::uint64_t end) {
    while (begin < end) {
        const auto length =
            static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, kBlockBytes));
        const std::vector<std::uint8_t> store = file.read(begin, length);
        const Bytes block(store);
        const bool last = begin + length == end;
        const std::size_t starts = last ? length : length - kOverlap;
        static constexpr std::array<std::uint8_t, 2> kMark = {'P', 'K'};
        auto found = block.begin();
        while (true) {
            found = std::search(found, block.end(), kMark.begin(), kMark.end());
            const auto at = static_cast<std::size_t>(found - block.begin());
            if (at >= starts || length - at < sizeof kLocalMark) break;
            if (const std::string_view record = recordAt(block.subspan(at)); !record.empty()) {
                return record;
            }
            ++found;
        }
        begin += starts;
    }
    return {};
}

}  // namespace sheafline::extract
