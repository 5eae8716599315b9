#include "align/find_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "geometry/warp.h"
#include "images/small_image.h"

namespace sheafline::sheets {

namespace {

constexpr double kLeastLikeness = 0.4;

// The picture at one size, with mean 0, to be laid over the page.
class Stencil {
 public:
    Stencil(const GreyImage& picture, double width)
        : width_(std::max(4, static_cast<int>(std::lround(width)))),
          height_(
              std::max(4, static_cast<int>(std::lround(width * picture.height / picture.width)))) {
        const int factor = std::max(1, picture.width / (2 * width_));
        const GreyImage smaller = shrink(picture, factor);
        const Homography stretch({static_cast<double>(smaller.width) / width_, 0, 0, 0,
                                  static_cast<double>(smaller.height) / height_, 0, 0, 0, 1});
        const GreyImage scaled = warp(smaller, stretch, width_, height_);
        double mean = 0;
        for (const auto pixel : scaled.pixels) mean += pixel;
        mean /= static_cast<double>(scaled.pixels.size());
        for (const auto pixel : scaled.pixels) {
            weights_.push_back(static_cast<std::int16_t>(std::lround(pixel - mean)));
            energy_ += static_cast<double>(weights_.back()) * weights_.back();
        }
    }

    int width() const { return width_; }
    int height() const { return height_; }

    // With its top left corner at (x, y), which lies so that all of it is on the page.
    double likeness(const GreyImage& page, int x, int y) const {
        std::int64_t product = 0;
        std::int64_t sum = 0;
        std::int64_t squares = 0;
        const std::int16_t* weight = weights_.data();
        for (int row = 0; row < height_; ++row) {
            const std::uint8_t* pixel = page.row(y + row).data() + x;
            std::int32_t row_product = 0;
            std::int32_t row_sum = 0;
            std::int32_t row_squares = 0;
            for (int i = 0; i < width_; ++i) {
                row_product += weight[i] * pixel[i];
                row_sum += pixel[i];
                row_squares += pixel[i] * pixel[i];
            }
            weight += width_;
            product += row_product;
            sum += row_sum;
            squares += row_squares;
        }
        const double count = static_cast<double>(width_) * height_;
        const double spread = static_cast<double>(squares) -
                              static_cast<double>(sum) * static_cast<double>(sum) / count;
        // Flat paper is like nothing.
        if (spread < 60 * count) return 0;
        return static_cast<double>(product) / std::sqrt(spread * energy_);
    }

 private:
    int width_;
    int height_;
    std::vector<std::int16_t> weights_{};
    double energy_ = 0;
};

struct PicturePlace {
    int x = 0;
    int y = 0;
    double likeness = 0;
};

PicturePlace likest(const GreyImage& page, const Stencil& stencil, PixelBox corners, int step) {
    PicturePlace best;
    const int last_x = std::min(corners.x + corners.width, page.width - stencil.width());
    const int last_y = std::min(corners.y + corners.height, page.height - stencil.height());
    for (int y = std::max(0, corners.y); y <= last_y; y += step) {
        for (int x = std::max(0, corners.x); x <= last_x; x += step) {
            const double likeness = stencil.likeness(page, x, y);
            if (likeness > best.likeness) best = {x, y, likeness};
        }
    }
    return best;
}

// The top of the parabola through three neighbours, from the middle one.
double peak(double before, double middle, double after) {
    const double bend = before - 2 * middle + after;
    return bend >= 0 ? 0 : std::clamp(0.5 * (before - after) / bend, -0.5, 0.5);
}

Point between(const GreyImage& page, const Stencil& stencil, const PicturePlace& place) {
    Point centre{.x = place.x + stencil.width() / 2.0, .y = place.y + stencil.height() / 2.0};
    const auto at = [&](int x, int y) { return stencil.likeness(page, place.x + x, place.y + y); };
    if (place.x > 0 && place.x + stencil.width() < page.width)
        centre.x += peak(at(-1, 0), place.likeness, at(1, 0));
    if (place.y > 0 && place.y + stencil.height() < page.height)
        centre.y += peak(at(0, -1), place.likeness, at(0, 1));
    return centre;
}

}  // namespace

std::optional<FoundPicture> findPicture(const GreyImage& page, const GreyImage& picture,
                                        const PictureSearch& search) {
    constexpr double kGrowth = 1.12;
    FoundPicture best;
    for (double width = search.low_width; width <= search.high_width * 1.001; width *= kGrowth) {
        const Stencil stencil(picture, width);
        const PixelBox corners{search.region.x - stencil.width() / 2,
                               search.region.y - stencil.height() / 2, search.region.width,
                               search.region.height};
        const int step = width >= 12 ? 2 : 1;
        const PicturePlace rough = likest(page, stencil, corners, step);
        const PicturePlace fine =
            likest(page, stencil, {rough.x - step, rough.y - step, 2 * step, 2 * step}, 1);
        if (fine.likeness <= best.likeness) continue;
        best = {.centre = between(page, stencil, fine),
                .width = static_cast<double>(stencil.width()),
                .likeness = fine.likeness};
    }
    if (best.likeness < kLeastLikeness) return std::nullopt;
    return best;
}

}  // namespace sheafline::sheets
