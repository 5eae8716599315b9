#include "images/square_pixels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sheafline::sheets {

namespace {

// Between which two pixels each pixel of a longer line lies.
struct Place {
    std::size_t first = 0;
    std::size_t second = 0;
    double share = 0;  // of the second
};

std::vector<Place> placesOf(int length, int before) {
    std::vector<Place> places(static_cast<std::size_t>(length));
    const double step = static_cast<double>(before) / length;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const double at =
            std::clamp((static_cast<double>(i) + 0.5) * step - 0.5, 0.0, before - 1.0);
        const auto first = static_cast<std::size_t>(at);
        places[i] = {.first = first,
                     .second = std::min(first + 1, static_cast<std::size_t>(before - 1)),
                     .share = at - static_cast<double>(first)};
    }
    return places;
}

std::uint8_t between(std::uint8_t one, std::uint8_t two, double share) {
    return static_cast<std::uint8_t>(std::lround(one + (two - one) * share));
}

}  // namespace

PixelStretch PixelStretch::of(double dpi_across, double dpi_down) {
    constexpr double kLeast = 1.15;
    constexpr double kMost = 4.5;  // 408 x 98 dpi
    if (dpi_across <= 0 || dpi_down <= 0) return {};
    const double ratio = dpi_across / dpi_down;
    if (ratio >= kLeast && ratio <= kMost) return {.down = ratio};
    if (1 / ratio >= kLeast && 1 / ratio <= kMost) return {.across = 1 / ratio};
    return {};
}

int PixelStretch::width(int columns) const {
    return static_cast<int>(std::lround(columns * across));
}

int PixelStretch::height(int rows) const { return static_cast<int>(std::lround(rows * down)); }

GreyImage stretched(const GreyImage& image, const PixelStretch& stretch) {
    GreyImage result =
        blankImage(stretch.width(image.width), stretch.height(image.height), image.dpi);
    if (image.pixels.empty()) return result;
    const auto columns = placesOf(result.width, image.width);
    const auto rows = placesOf(result.height, image.height);
    for (int y = 0; y < result.height; ++y) {
        const Place& row = rows[static_cast<std::size_t>(y)];
        const auto above = image.row(static_cast<int>(row.first));
        const auto below = image.row(static_cast<int>(row.second));
        const auto target = result.row(y);
        for (std::size_t x = 0; x < columns.size(); ++x) {
            const Place& column = columns[x];
            target[x] = between(between(above[column.first], above[column.second], column.share),
                                between(below[column.first], below[column.second], column.share),
                                row.share);
        }
    }
    return result;
}

}  // namespace sheafline::sheets
