// TIFF as far as its pages matter:
//   tiff   = ("II" | "MM") 42:2 first:4 …            ; BigTIFF: 43:2 8:2 0:2 first:8
//   page   = count:2 entry{12}*count next:4          ; BigTIFF: count:8 entry{20}*count next:8
// `first` and `next` are offsets of pages from the start of the file, `next` is 0 in the last one.
#include "image_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>

namespace sheafline::extract {

namespace {

using Bytes = std::span<const std::uint8_t>;

bool startsWith(Bytes bytes, std::string_view mark) {
    return bytes.size() >= mark.size() &&
           std::ranges::equal(bytes.first(mark.size()), mark, [](std::uint8_t a, char b) {
               return a == static_cast<std::uint8_t>(b);
           });
}

class TiffPages {
 public:
    explicit TiffPages(Bytes bytes)
        : bytes_(bytes), little_(bytes[0] == 'I'), big_(number(2, 2) == 43) {}

    std::uint64_t count(std::uint64_t most) const {
        const std::size_t offset_bytes = big_ ? 8 : 4;
        const std::size_t count_bytes = big_ ? 8 : 2;
        const std::size_t entry_bytes = big_ ? 20 : 12;
        // A chain that comes back to an earlier page has no end.
        std::set<std::uint64_t> seen;
        std::uint64_t page = number(big_ ? 8 : 4, offset_bytes);
        while (page != 0 && seen.size() <= most && fits(page, count_bytes) &&
               seen.insert(page).second) {
            const std::uint64_t entries = number(page, count_bytes);
            if (entries == 0 || entries > bytes_.size() / entry_bytes) break;
            const std::uint64_t next = page + count_bytes + entries * entry_bytes;
            if (!fits(next, offset_bytes)) break;
            page = number(next, offset_bytes);
        }
        return std::max<std::uint64_t>(1, seen.size());
    }

 private:
    bool fits(std::uint64_t at, std::size_t length) const {
        return at <= bytes_.size() && length <= bytes_.size() - at;
    }

    std::uint64_t number(std::uint64_t at, std::size_t length) const {
        if (!fits(at, length)) return 0;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < length; ++i) {
            const std::size_t digit = little_ ? length - 1 - i : i;
            value = value << 8U | bytes_[static_cast<std::size_t>(at) + digit];
        }
        return value;
    }

    const Bytes bytes_;
    const bool little_;
    const bool big_;
};

}  // namespace

ImageKind imageKind(Bytes bytes) {
    using namespace std::string_view_literals;
    if (startsWith(bytes, "\xFF\xD8\xFF"sv)) return ImageKind::jpeg;
    if (startsWith(bytes, "\x89PNG\r\n\x1A\n"sv)) return ImageKind::png;
    if (bytes.size() >= 12 && startsWith(bytes, "RIFF"sv) && startsWith(bytes.subspan(8), "WEBP"sv))
        return ImageKind::webp;
    static constexpr std::array kTiff = {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv};
    const bool tiff =
        std::ranges::any_of(kTiff, [&](std::string_view mark) { return startsWith(bytes, mark); });
    return tiff ? ImageKind::tiff : ImageKind::none;
}

std::string_view extensionOf(ImageKind kind) {
    switch (kind) {
        case ImageKind::jpeg:
            return ".jpg";
        case ImageKind::png:
            return ".png";
        case ImageKind::tiff:
            return ".tif";
        case ImageKind::webp:
            return ".webp";
        case ImageKind::none:
            break;
    }
    return "";
}

std::uint64_t countPages(ImageKind kind, Bytes bytes, std::uint64_t most) {
    return kind == ImageKind::tiff ? TiffPages(bytes).count(most) : 1;
}

}  // namespace sheafline::extract
