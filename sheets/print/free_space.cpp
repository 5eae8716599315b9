#include "print/free_space.h"

#include <algorithm>
#include <cmath>

namespace sheafline::sheets {

namespace {

constexpr double kBetween = 2.5;  // texts and pictures, mm

}  // namespace

FreeSpace::FreeSpace(double width, double height, double margin)
    : columns_(static_cast<int>(width)),
      rows_(static_cast<int>(height)),
      used_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_), false) {
    use({.width = width, .height = margin});
    use({.y = height - margin, .width = width, .height = margin});
    use({.width = margin, .height = height});
    use({.x = width - margin, .width = margin, .height = height});
}

void FreeSpace::use(const FreeBox& box, double margin) {
    const auto within = [](double at, int most) {
        return static_cast<int>(std::clamp(at, 0.0, static_cast<double>(most)));
    };
    const int right = within(std::ceil(box.x + box.width + margin), columns_);
    const int bottom = within(std::ceil(box.y + box.height + margin), rows_);
    for (int y = within(std::floor(box.y - margin), rows_); y < bottom; ++y) {
        for (int x = within(std::floor(box.x - margin), columns_); x < right; ++x)
            used_[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_) +
                  static_cast<std::size_t>(x)] = true;
    }
}

bool FreeSpace::isFree(int x, int y, int width, int height) const {
    if (x + width > columns_ || y + height > rows_) return false;
    for (int row = y; row < y + height; ++row) {
        const auto begin = used_.begin() + static_cast<std::ptrdiff_t>(row) * columns_ + x;
        if (std::find(begin, begin + width, true) != begin + width) return false;
    }
    return true;
}

std::optional<FreeBox> FreeSpace::take(double least_width, double height, double most_width) {
    const int least = static_cast<int>(std::ceil(least_width));
    const int rows = static_cast<int>(std::ceil(height));
    for (int y = 0; y + rows <= rows_; ++y) {
        for (int x = 0; x + least <= columns_; ++x) {
            if (!isFree(x, y, least, rows)) continue;
            int width = least;
            while (width < most_width && isFree(x + width, y, 1, rows)) ++width;
            const FreeBox box{.x = static_cast<double>(x),
                              .y = static_cast<double>(y),
                              .width = static_cast<double>(width),
                              .height = height};
            use(box, kBetween);
            return box;
        }
    }
    return std::nullopt;
}

}  // namespace sheafline::sheets
