// Looking at a page between its pixels, and around points of it. Pure.
#pragma once

#include <array>
#include <cstddef>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// Bilinear. The first pixel lies around (0, 0), and all four that are looked at are on the page.
inline double greyBetween(const GreyImage& page, double x, double y) {
    const int left = static_cast<int>(x);
    const int top = static_cast<int>(y);
    const auto width = static_cast<std::size_t>(page.width);
    const auto* upper =
        page.pixels.data() + static_cast<std::size_t>(top) * width + static_cast<std::size_t>(left);
    const auto* lower = upper + width;
    const double across = x - left;
    const double down = y - top;
    const double above = upper[0] + (upper[1] - upper[0]) * across;
    const double below = lower[0] + (lower[1] - lower[0]) * across;
    return above + (below - above) * down;
}

inline bool isBetweenPixels(const GreyImage& page, double x, double y) {
    return x >= 0 && y >= 0 && x < page.width - 1 && y < page.height - 1;
}

// Points of a circle around 0 with the radius 1.
constexpr std::size_t kCirclePoints = 24;
const std::array<Point, kCirclePoints>& unitCircle();

}  // namespace sheafline::sheets
