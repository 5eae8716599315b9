// One reader for each format, behind read_image.h. All throw UnreadableImage.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <sheafline/sheets/read_image.h>

#include "images/orientation.h"

namespace sheafline::sheets {

// Throws where a page has no pixels, or more than the limit.
void requireReadableSize(std::uint64_t width, std::uint64_t height, const ReadOptions& options);

// A file whose header was read. `bytes` must outlive it. Coordinates are those of the file: the
// caller turns the page upright.
class ImageFile {
 public:
    struct Header {
        int width = 0;
        int height = 0;
        double dpi = 0;       // across
        double dpi_down = 0;  // 0 where it is the same, or unknown
        Orientation orientation{};
    };

    ImageFile() = default;
    virtual ~ImageFile() = default;
    ImageFile(const ImageFile&) = delete;
    ImageFile& operator=(const ImageFile&) = delete;

    virtual Header header() const = 0;
    // Once. `box` lies inside the page.
    virtual GreyImage decode(PixelBox box) = 0;
};

std::unique_ptr<ImageFile> openJpeg(std::span<const std::uint8_t> bytes,
                                    const ReadOptions& options);
std::unique_ptr<ImageFile> openPng(std::span<const std::uint8_t> bytes, const ReadOptions& options);
std::unique_ptr<ImageFile> openWebp(std::span<const std::uint8_t> bytes,
                                    const ReadOptions& options);
std::unique_ptr<ImageFile> openTiff(std::span<const std::uint8_t> bytes,
                                    const ReadOptions& options);

int countTiffPages(std::span<const std::uint8_t> bytes);

// One row of pixels with 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) bytes each, as grey
// over white paper. Weights of ITU-R BT.601, as JPEG's own luma.
void greyRow(std::span<const std::uint8_t> pixels, int channels, std::span<std::uint8_t> grey);

}  // namespace sheafline::sheets
