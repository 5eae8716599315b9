// A page as 8-bit grey, the input of every reader of sheets. A value; 255 is white.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sheafline/export.h>

namespace sheafline::sheets {

struct GreyImage {
    int width = 0;
    int height = 0;
    double dpi = 0;                      // 0 if the file does not say it
    std::vector<std::uint8_t> pixels{};  // rows from the top, without padding

    std::uint8_t at(int x, int y) const { return pixels[offset(x, y)]; }
    std::span<const std::uint8_t> row(int y) const {
        return {pixels.data() + offset(0, y), static_cast<std::size_t>(width)};
    }
    std::span<std::uint8_t> row(int y) {
        return {pixels.data() + offset(0, y), static_cast<std::size_t>(width)};
    }

 private:
    std::size_t offset(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x);
    }
};

// A rectangle of whole pixels.
struct PixelBox {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    bool operator==(const PixelBox&) const = default;
};

// The part of `box` on a page of this size; may be empty.
SHEAFLINE_API PixelBox cutToPage(PixelBox box, int width, int height);

// All white.
SHEAFLINE_API GreyImage blankImage(int width, int height, double dpi = 0);

// The part of `image` in `box`, which is cut to the image.
SHEAFLINE_API GreyImage crop(const GreyImage& image, PixelBox box);

// Turned clockwise by quarter turns; any whole number of them.
SHEAFLINE_API GreyImage turned(const GreyImage& image, int quarter_turns);

}  // namespace sheafline::sheets
