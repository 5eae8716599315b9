#include "align/outline_proof.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "geometry/bubble_sampler.h"
#include "geometry/page_sampling.h"

namespace sheafline::sheets {

namespace {

// A bubble's outline as an ellipse on the image.
struct Outline {
    Point centre;  // on the page
    double half_width;
    double half_height;
};

class RingProbe {
 public:
    RingProbe(const GreyImage& image, const Homography& map, const Outline& outline)
        : sampler_(image, map, outline.centre, outline.half_width, outline.half_height, 0) {}

    Point middle() const { return sampler_.middle(); }

    // Of the ring moved by so many pixels; the outside is paper, whatever the inside is filled
    // with.
    double contrast(Point shift) const {
        static const BubbleOffsets kRing(unitCircle());
        static const BubbleOffsets kOutside(unitCircle(), 1.26);
        const float ring = sum(kRing, shift);
        const float outside = sum(kOutside, shift);
        return outside <= 0 ? 0 : (outside - ring) / outside;
    }

 private:
    float sum(const BubbleOffsets& circle, Point shift) const {
        std::array<float, kCirclePoints> greys{};
        sampler_.sample(circle, greys, shift);
        return sumOf(greys);
    }

    const BubbleSampler sampler_;
};

// `count` bubbles, evenly spread over the list of all of them.
std::vector<Outline> spreadSample(const Template& sheet, std::size_t count) {
    std::vector<Outline> all;
    for (const Field& field : sheet.fields) {
        for (const Bubble& bubble : field.bubbles)
            all.push_back({bubble.centre, field.half_width, field.half_height});
    }
    if (all.size() <= count) return all;
    std::vector<Outline> sample;
    for (std::size_t i = 0; i < count; ++i)
        sample.push_back(all[(i * (all.size() - 1) + count / 2) / (count - 1)]);
    return sample;
}

constexpr int kSteps = 6;  // each way
constexpr double kLocatedContrast = 0.03;
constexpr double kNear = 0.5;  // radii within which the contrast rises towards the place
constexpr std::size_t kLocated = 20;

// The steps to where the ring shows best, seen from (x, y).
class BestShift {
 public:
    BestShift(const RingProbe& probe, double step) : probe_(probe), step_(step) {}

    void look(int x, int y) {
        const double contrast = probe_.contrast({.x = x * step_, .y = y * step_});
        if (contrast <= best_) return;
        best_ = contrast;
        x_ = x;
        y_ = y;
        found_ = true;
    }
    double contrast() const { return best_; }
    int x() const { return x_; }
    int y() const { return y_; }
    std::optional<Point> shift() const {
        if (!found_) return std::nullopt;
        return Point{.x = x_ * step_, .y = y_ * step_};
    }

 private:
    const RingProbe& probe_;
    double step_;
    double best_ = kLocatedContrast;
    int x_ = 0;
    int y_ = 0;
    bool found_ = false;
};

BestShift bestOfAll(const RingProbe& probe, double step) {
    BestShift best(probe, step);
    for (int y = -kSteps; y <= kSteps; ++y) {
        for (int x = -kSteps; x <= kSteps; ++x) best.look(x, y);
    }
    return best;
}

// Along one axis, then along the other from there: every other step first, then those beside the
// best.
BestShift bestOfLines(const RingProbe& probe, double step) {
    BestShift best(probe, step);
    for (int x = -kSteps; x <= kSteps; x += 2) best.look(x, 0);
    for (const int x : {best.x() - 1, best.x() + 1}) best.look(x, 0);
    const int column = best.x();
    for (int y = -kSteps; y <= kSteps; y += 2) best.look(column, y);
    for (const int y : {best.y() - 1, best.y() + 1}) best.look(column, y);
    const int row = best.y();
    for (const int x : {column - 2, column - 1, column + 1, column + 2}) best.look(x, row);
    return best;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

}  // namespace

double outlineContrast(const GreyImage& image, const Homography& map, const Template& sheet) {
    std::vector<double> contrasts;
    for (const Outline& outline : spreadSample(sheet, 60))
        contrasts.push_back(RingProbe(image, map, outline).contrast({}));
    if (contrasts.empty()) return 0;
    const auto quartile = contrasts.begin() + static_cast<std::ptrdiff_t>(contrasts.size() / 4);
    std::ranges::nth_element(contrasts, quartile);
    return *quartile;
}

std::vector<LocatedOutline> locateOutlines(const GreyImage& image, const Homography& map,
                                           const Template& sheet, const OutlineSearch& search) {
    std::vector<LocatedOutline> located;
    for (Outline outline : spreadSample(sheet, kLocated)) {
        const auto [right, down] = map.stepsAt(outline.centre);
        const double step =
            search.reach / kSteps * outline.half_width * std::hypot(right.x, right.y);
        outline.half_width *= search.ratio;
        outline.half_height *= search.ratio;
        const RingProbe probe(image, map, outline);
        const BestShift best =
            search.reach > kNear ? bestOfAll(probe, step) : bestOfLines(probe, step);
        const auto shift = best.shift();
        if (!shift) continue;
        const Point middle = probe.middle();
        located.push_back(
            {.place = {outline.centre, {.x = middle.x + shift->x, .y = middle.y + shift->y}},
             .contrast = best.contrast()});
    }
    return located;
}

std::vector<PointPair> placesOf(const std::vector<LocatedOutline>& outlines) {
    std::vector<PointPair> places;
    places.reserve(outlines.size());
    for (const auto& outline : outlines) places.push_back(outline.place);
    return places;
}

double medianOffset(const Homography& map, const std::vector<PointPair>& places) {
    std::vector<double> offsets;
    offsets.reserve(places.size());
    for (const auto& [page, pixel] : places) {
        const auto right = map.stepsAt(page).right;
        offsets.push_back(distance(map(page), pixel) / std::hypot(right.x, right.y));
    }
    return median(std::move(offsets));
}

std::optional<SnappedMap> snapToOutlines(const GreyImage& image, const Homography& map,
                                         const Template& sheet) {
    constexpr double kPlainContrast = 0.08;
    constexpr double kMostOffset = 0.12;  // of a bubble's half size
    std::vector<PointPair> best;
    double best_contrast = kPlainContrast;
    for (const double ratio : {1.0, 1.12, 1.25, 1.4}) {
        const auto outlines = locateOutlines(image, map, sheet, {.reach = 0.9, .ratio = ratio});
        if (outlines.size() < kLocated * 3 / 4) continue;
        std::vector<double> contrasts;
        contrasts.reserve(outlines.size());
        for (const auto& outline : outlines) contrasts.push_back(outline.contrast);
        const double contrast = median(std::move(contrasts));
        if (contrast <= best_contrast) continue;
        best_contrast = contrast;
        best = placesOf(outlines);
    }
    // From the pixels where the map leads to those where they are: moved and stretched a little.
    std::optional<Homography> snapped;
    for (int round = 0; round < 2 && best.size() >= 6; ++round) {
        std::vector<PointPair> moves;
        moves.reserve(best.size());
        for (const auto& [page, pixel] : best) moves.push_back({map(page), pixel});
        const auto move = Homography::fitAffine(moves);
        if (!move) return std::nullopt;
        snapped = move->after(map);
        // What strokes led astray is left out the second time.
        const double typical = medianOffset(*snapped, best);
        std::erase_if(best, [&](const PointPair& pair) {
            return medianOffset(*snapped, {pair}) > 2.5 * typical;
        });
    }
    if (!snapped || medianOffset(*snapped, best) > kMostOffset * sheet.fields[0].half_width)
        return std::nullopt;
    return SnappedMap{.map = *snapped, .contrast = best_contrast};
}

}  // namespace sheafline::sheets
