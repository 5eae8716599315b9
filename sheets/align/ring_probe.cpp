#include "align/ring_probe.h"

#include <array>
#include <cmath>
#include <vector>

#include "geometry/page_sampling.h"

namespace sheafline::sheets {

namespace {

constexpr double kOutside = 1.26;  // of the outline's half size: paper, whatever the bubble holds
constexpr int kRingSteps = 6;      // each way
constexpr double kLeastRingContrast = 0.03;
constexpr double kNearWidths =
    0.5;  // half widths within which the contrast rises towards the place

using Points = std::array<Point, kCirclePoints>;

// Evenly along the four sides.
Points squarePoints() {
    Points points{};
    constexpr std::size_t kSide = kCirclePoints / 4;
    for (std::size_t i = 0; i < kSide; ++i) {
        const double along = 2 * (static_cast<double>(i) + 0.5) / kSide - 1;
        points.at(i) = {.x = along, .y = -1};
        points.at(kSide + i) = {.x = 1, .y = along};
        points.at(2 * kSide + i) = {.x = -along, .y = 1};
        points.at(3 * kSide + i) = {.x = -1, .y = -along};
    }
    return points;
}

// Brackets print the left and the right side, and the ends of the other two.
Points bracketPoints() {
    Points points{};
    constexpr std::size_t kSide = 8;
    for (std::size_t i = 0; i < kSide; ++i) {
        const double along = 2 * (static_cast<double>(i) + 0.5) / kSide - 1;
        points.at(i) = {.x = -1, .y = along};
        points.at(kSide + i) = {.x = 1, .y = along};
    }
    std::size_t next = 2 * kSide;
    for (const double y : {-1.0, 1.0}) {
        for (const double x : {-0.9, -0.78, 0.78, 0.9}) points.at(next++) = {.x = x, .y = y};
    }
    return points;
}

struct Rings {
    BubbleOffsets outline;
    BubbleOffsets outside;

    explicit Rings(const Points& points) : outline(points), outside(points, kOutside) {}
};

const Rings& ringsOf(BubbleShape shape) {
    static const Rings kRound(unitCircle());
    static const Rings kSquare(squarePoints());
    static const Rings kBracket(bracketPoints());
    if (shape == BubbleShape::square) return kSquare;
    return shape == BubbleShape::bracket ? kBracket : kRound;
}

// The steps to where the outline shows best.
class BestShift {
 public:
    BestShift(const RingProbe& probe, double step) : probe_(probe), step_(step) {}

    void look(int x, int y) {
        const double contrast = probe_.look({.x = x * step_, .y = y * step_}).contrast;
        if (contrast <= best_) return;
        best_ = contrast;
        x_ = x;
        y_ = y;
        found_ = true;
    }
    void lookEverywhere() {
        for (int y = -kRingSteps; y <= kRingSteps; ++y) {
            for (int x = -kRingSteps; x <= kRingSteps; ++x) look(x, y);
        }
    }
    // Along one axis, then along the other from there: every other step first, then those beside
    // the best.
    void lookAlongLines() {
        for (int x = -kRingSteps; x <= kRingSteps; x += 2) look(x, 0);
        for (const int x : {x_ - 1, x_ + 1}) look(x, 0);
        const int column = x_;
        for (int y = -kRingSteps; y <= kRingSteps; y += 2) look(column, y);
        for (const int y : {y_ - 1, y_ + 1}) look(column, y);
        const int row = y_;
        for (const int x : {column - 2, column - 1, column + 1, column + 2}) look(x, row);
    }
    std::optional<FoundOutline> result() const {
        if (!found_) return std::nullopt;
        return FoundOutline{.shift = {.x = x_ * step_, .y = y_ * step_}, .contrast = best_};
    }

 private:
    const RingProbe& probe_;
    double step_;
    double best_ = kLeastRingContrast;
    int x_ = 0;
    int y_ = 0;
    bool found_ = false;
};

}  // namespace

RingProbe::RingProbe(const GreyImage& image, const Homography& map, const Outline& outline)
    : sampler_(image, map, outline.centre, outline.half_width, outline.half_height, 0),
      shape_(outline.shape) {}

RingProbe::Sight RingProbe::look(Point shift) const {
    const Rings& rings = ringsOf(shape_);
    std::array<float, kCirclePoints> greys{};
    sampler_.sample(rings.outline, greys, shift);
    const float ring = sumOf(greys);
    sampler_.sample(rings.outside, greys, shift);
    const float outside = sumOf(greys);
    if (outside <= 0) return {};
    return {.contrast = (outside - ring) / outside, .outside = outside / kCirclePoints};
}

std::optional<FoundOutline> findOutline(const GreyImage& image, const Homography& map,
                                        const Outline& outline, double reach) {
    const RingProbe probe(image, map, outline);
    const auto right = map.stepsAt(outline.centre).right;
    BestShift best(probe, reach / kRingSteps * outline.half_width * std::hypot(right.x, right.y));
    if (reach > kNearWidths)
        best.lookEverywhere();
    else
        best.lookAlongLines();
    return best.result();
}

}  // namespace sheafline::sheets
