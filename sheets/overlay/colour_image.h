// A page in colour to draw on. A value.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

using Colour = std::array<std::uint8_t, 3>;

class ColourImage {
 public:
    // Paled, so that colours show on it.
    explicit ColourImage(const GreyImage& page);

    int width() const { return width_; }

    void line(Point from, Point to, double width, Colour colour);
    void polygon(const std::vector<Point>& corners, double width, Colour colour);
    // Small capitals, digits and some signs; others leave a gap. `from` is the top left corner.
    void text(Point from, double height, std::string_view text, Colour colour);

    ColourImage cropped(PixelBox box) const;
    // With white rows above it.
    ColourImage below(int rows) const;
    std::vector<std::uint8_t> png() const;

 private:
    ColourImage(int width, int height);
    void dot(int x, int y, Colour colour);
    std::uint8_t* at(int x, int y);

    int width_;
    int height_;
    std::vector<std::uint8_t> pixels_;
};

}  // namespace sheafline::sheets
