// The insides of all bubbles of a sheet as small pictures of one form, as darkness against the
// paper beside them. The page is sampled through the map, never warped. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// The sampled points of a bubble, as shares of its half width and height, the innermost ones first.
struct ProbePoints {
    std::vector<Point> offsets{};
    std::size_t core = 0;   // within half of the outline
    std::size_t inner = 0;  // within 80 % of it
};

const ProbePoints& probePoints();

// Around a bubble, where a pen goes that circles it: for each of the directions some points
// outward.
constexpr std::size_t kSurroundDirections = 12;
constexpr std::size_t kSurroundRings = 4;
constexpr std::size_t kSurroundPoints = kSurroundDirections * kSurroundRings;

// A bubble's picture lies with those of the others in one block.
struct BubbleView {
    std::size_t field = 0;
    std::size_t bubble = 0;
    float paper = 0;          // grey level
    float raw_fill = 0;       // mean darkness over the inner points
    float raw_surround = 0;   // and around the bubble
    bool print_known = true;  // what is printed in it was learned from empty ones like it
};

struct BubbleViews {
    std::vector<BubbleView> bubbles{};
    std::vector<float> darkness{};  // for each bubble its probe points, 0 paper to 1 black
    std::vector<float> surround{};  // for each bubble kSurroundPoints, ring by ring

    std::span<float> picture(std::size_t bubble) {
        const std::size_t points = probePoints().offsets.size();
        return {darkness.data() + bubble * points, points};
    }
    std::span<const float> picture(std::size_t bubble) const {
        const std::size_t points = probePoints().offsets.size();
        return {darkness.data() + bubble * points, points};
    }
    std::span<float> around(std::size_t bubble) {
        return {surround.data() + bubble * kSurroundPoints, kSurroundPoints};
    }
    std::span<const float> around(std::size_t bubble) const {
        return {surround.data() + bubble * kSurroundPoints, kSurroundPoints};
    }
};

// In the order of the template's fields.
BubbleViews viewBubbles(const GreyImage& image, const SheetAlignment& page, const Template& sheet);

}  // namespace sheafline::sheets
