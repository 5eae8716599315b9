// WebP, by libwebp:
//
//     file  = "RIFF" size32 "WEBP" chunk*
//     chunk = name4 size32 bytes [pad]             ; "EXIF" holds an EXIF block
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>
#include <webp/decode.h>

#include "images/exif.h"
#include "images/image_formats.h"

namespace sheafline::sheets {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kHead = 8;  // name and size of a chunk

std::size_t sizeAt(Bytes bytes, std::size_t offset) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{bytes[offset + i]} << (8 * i);
    return size;
}

// Some writers begin the block as in a JPEG.
Bytes withoutMark(Bytes block) {
    constexpr std::string_view kMark("Exif\0\0", 6);
    const bool marked =
        block.size() >= kMark.size() && std::equal(kMark.begin(), kMark.end(), block.begin());
    return marked ? block.subspan(kMark.size()) : block;
}

Exif exifOf(Bytes bytes) {
    std::size_t at = kHead + 4;
    while (at + kHead <= bytes.size()) {
        const std::size_t size = sizeAt(bytes, at + 4);
        if (size > bytes.size() - at - kHead) break;
        constexpr std::string_view kName = "EXIF";
        if (std::equal(kName.begin(), kName.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at)))
            return parseExif(withoutMark(bytes.subspan(at + kHead, size)));
        at += kHead + size + size % 2;
    }
    return {};
}

class WebpFile : public ImageFile {
 public:
    WebpFile(Bytes bytes, const ReadOptions& options) : bytes_(bytes) {
        WebPBitstreamFeatures features{};
        if (bytes.size() < kHead + sizeAt(bytes, 4) ||
            WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
            reject();
        if (features.has_animation != 0)
            throw UnreadableImage("the WebP is an animation; save the page as a single image");
        requireReadableSize(static_cast<std::uint64_t>(features.width),
                            static_cast<std::uint64_t>(features.height), options);
        const Exif exif = exifOf(bytes);
        header_ = {.width = features.width,
                   .height = features.height,
                   .dpi = exif.dpi,
                   .orientation = Orientation(exif.orientation)};
    }

    Header header() const override { return header_; }

    GreyImage decode(PixelBox box) override {
        const auto width = static_cast<std::size_t>(header_.width);
        constexpr std::size_t kChannels = 4;
        std::vector<std::uint8_t> pixels(width * static_cast<std::size_t>(header_.height) *
                                         kChannels);
        if (WebPDecodeRGBAInto(bytes_.data(), bytes_.size(), pixels.data(), pixels.size(),
                               static_cast<int>(width * kChannels)) == nullptr)
            reject();
        GreyImage image = blankImage(box.width, box.height);
        for (int y = 0; y < box.height; ++y) {
            const std::size_t first =
                static_cast<std::size_t>(box.y + y) * width + static_cast<std::size_t>(box.x);
            greyRow(std::span(pixels).subspan(first * kChannels), static_cast<int>(kChannels),
                    image.row(y));
        }
        return image;
    }

 private:
    [[noreturn]] static void reject() { throw UnreadableImage("the WebP is damaged or truncated"); }

    Bytes bytes_;
    Header header_{};
};

}  // namespace

std::unique_ptr<ImageFile> openWebp(Bytes bytes, const ReadOptions& options) {
    return std::make_unique<WebpFile>(bytes, options);
}

}  // namespace sheafline::sheets
