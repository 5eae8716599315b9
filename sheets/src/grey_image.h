// A page as 8-bit grey: what every reader of a sheet looks at. A value; 255 is white.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sheafline::sheets {

struct GreyImage {
    int width = 0;
    int height = 0;
    double dpi = 0;                      // 0 where the file does not say
    std::vector<std::uint8_t> pixels{};  // rows from the top, without padding

    std::uint8_t at(int x, int y) const {
        return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(x)];
    }
};

}  // namespace sheafline::sheets
