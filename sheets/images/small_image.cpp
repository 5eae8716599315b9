#include "images/small_image.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sheafline::sheets {

namespace {

// Sums of `factor` neighbours. Known when it is compiled, the factor makes this four times as fast.
template <unsigned factor>
void sumAcross(const std::uint16_t* sums, std::span<std::uint8_t> target, unsigned scale) {
    for (std::size_t x = 0; x < target.size(); ++x) {
        unsigned total = 0;
        for (unsigned i = 0; i < factor; ++i) total += sums[x * factor + i];
        target[x] = static_cast<std::uint8_t>((total * scale) >> 16U);
    }
}

void sumAcross(const std::uint16_t* sums, std::span<std::uint8_t> target, unsigned scale,
               unsigned factor) {
    switch (factor) {
        case 2:
            return sumAcross<2>(sums, target, scale);
        case 3:
            return sumAcross<3>(sums, target, scale);
        case 4:
            return sumAcross<4>(sums, target, scale);
        case 6:
            return sumAcross<6>(sums, target, scale);
        case 8:
            return sumAcross<8>(sums, target, scale);
        default:
            for (auto& pixel : target) {
                unsigned total = 0;
                for (unsigned i = 0; i < factor; ++i) total += *sums++;
                pixel = static_cast<std::uint8_t>((total * scale) >> 16U);
            }
    }
}

}  // namespace

GreyImage shrink(const GreyImage& image, int factor) {
    if (factor <= 1) return image;
    GreyImage small = blankImage(image.width / factor, image.height / factor, image.dpi / factor);
    const auto width = static_cast<std::size_t>(small.width) * static_cast<std::size_t>(factor);
    // Half the rows say enough of a block of four and more.
    const int row_step = factor >= 4 ? 2 : 1;
    const int rows = (factor + row_step - 1) / row_step;
    const unsigned count = static_cast<unsigned>(rows) * static_cast<unsigned>(factor);
    const unsigned scale = (1U << 16U) / count;
    std::vector<std::uint16_t> sums(width);
    for (int y = 0; y < small.height; ++y) {
        const auto* source = image.row(y * factor).data();
        for (std::size_t x = 0; x < width; ++x) sums[x] = source[x];
        for (int r = row_step; r < factor; r += row_step) {
            source = image.row(y * factor + r).data();
            for (std::size_t x = 0; x < width; ++x)
                sums[x] = static_cast<std::uint16_t>(sums[x] + source[x]);
        }
        sumAcross(sums.data(), small.row(y), scale, static_cast<unsigned>(factor));
    }
    return small;
}

}  // namespace sheafline::sheets
