#include "small_image.h"

#include <vector>

namespace sheafline::sheets {

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
        const auto target = small.row(y);
        const std::uint16_t* sum = sums.data();
        for (auto& pixel : target) {
            unsigned total = 0;
            for (int i = 0; i < factor; ++i) total += *sum++;
            pixel = static_cast<std::uint8_t>((total * scale) >> 16U);
        }
    }
    return small;
}

}  // namespace sheafline::sheets
