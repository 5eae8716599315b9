#include "geometry/page_sampling.h"

#include <cmath>

namespace sheafline::sheets {

const std::array<Point, kCirclePoints>& unitCircle() {
    static const auto kCircle = [] {
        std::array<Point, kCirclePoints> circle{};
        for (std::size_t i = 0; i < circle.size(); ++i) {
            const double angle = 6.283185307179586 * static_cast<double>(i) / circle.size();
            circle.at(i) = {.x = std::cos(angle), .y = std::sin(angle)};
        }
        return circle;
    }();
    return kCircle;
}

}  // namespace sheafline::sheets
