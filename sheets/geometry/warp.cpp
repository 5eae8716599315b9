#include "geometry/warp.h"

#include <algorithm>
#include <cmath>

#include "geometry/page_sampling.h"

namespace sheafline::sheets {

GreyImage warp(const GreyImage& image, const Homography& map, int width, int height) {
    GreyImage result = blankImage(width, height);
    for (int y = 0; y < height; ++y) {
        const auto row = result.row(y);
        for (int x = 0; x < width; ++x) {
            const Point from = map({.x = x + 0.5, .y = y + 0.5});
            const double left = std::clamp(from.x - 0.5, 0.0, image.width - 1.001);
            const double top = std::clamp(from.y - 0.5, 0.0, image.height - 1.001);
            row[static_cast<std::size_t>(x)] =
                static_cast<std::uint8_t>(std::lround(greyBetween(image, left, top)));
        }
    }
    return result;
}

}  // namespace sheafline::sheets
