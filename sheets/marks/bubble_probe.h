// The insides of all bubbles of a sheet as small pictures of one form, as darkness against the
// paper beside them. The page is sampled through the map, never warped. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// The points of a bubble that are looked at, as shares of its half width and height. The inner ones
// come first.
struct ProbePoints {
    std::vector<Point> offsets{};
    std::size_t inner = 0;  // within 80 % of the outline
};

const ProbePoints& probePoints();

// A bubble's picture lies with those of the others in one block.
struct BubbleView {
    std::size_t field = 0;
    std::size_t bubble = 0;
    float paper = 0;     // grey level
    float raw_fill = 0;  // mean darkness over the inner points
};

struct BubbleViews {
    std::vector<BubbleView> bubbles{};
    std::vector<float> darkness{};  // for each bubble its probe points, 0 paper to 1 black

    std::span<float> picture(std::size_t bubble) {
        const std::size_t points = probePoints().offsets.size();
        return {darkness.data() + bubble * points, points};
    }
    std::span<const float> picture(std::size_t bubble) const {
        const std::size_t points = probePoints().offsets.size();
        return {darkness.data() + bubble * points, points};
    }
};

// In the order of the template's fields.
BubbleViews viewBubbles(const GreyImage& image, const Homography& map, const Template& sheet,
                        const BubbleMoves& moves);

}  // namespace sheafline::sheets
