#include "align/proof/outline_proof.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace sheafline::sheets {

namespace {

// `count` bubbles, evenly spread over the list of all of them.
std::vector<Outline> spreadSample(const Template& sheet, std::size_t count) {
    std::vector<Outline> all;
    for (const Field& field : sheet.fields) {
        for (const Bubble& bubble : field.bubbles)
            all.push_back({bubble.centre, field.half_width, field.half_height, field.shape});
    }
    if (all.size() <= count) return all;
    std::vector<Outline> sample;
    for (std::size_t i = 0; i < count; ++i)
        sample.push_back(all[(i * (all.size() - 1) + count / 2) / (count - 1)]);
    return sample;
}

constexpr std::size_t kLocated = 20;

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

std::size_t countOf(const Template& sheet) {
    std::size_t count = 0;
    for (const Field& field : sheet.fields) count += field.bubbles.size();
    return count;
}

// The outlines of other programs' templates may be wider or of another shape than their bubbles.
std::vector<RingStyle> stylesOf(const Template& sheet) {
    std::vector<RingStyle> styles;
    for (const double ratio : {1.0, 0.88, 1.12, 1.25, 1.4}) {
        styles.push_back({.ratio = ratio});
        if (sheet.align.outlined) continue;
        for (const auto shape : {BubbleShape::square, BubbleShape::bracket})
            styles.push_back({.ratio = ratio, .shape = shape});
    }
    return styles;
}

// The corners of the paper are a rough guide: the whole page moved by up to 3.5 mm, to where its
// bubbles lie on the most print.
Homography movedToPrint(const GreyImage& image, const Homography& map, const Template& sheet) {
    constexpr double kMostMove = 3.5 / 210;  // of the page's width
    constexpr double kPlain = 0.2;
    const auto outlines = spreadSample(sheet, 60);
    const double step = 0.4 * std::min(outlines[0].half_width, outlines[0].half_height);
    const int steps = std::min(9, static_cast<int>(kMostMove * sheet.width / step) + 1);
    double best = -1;
    Homography moved = map;
    for (int y = -steps; y <= steps; ++y) {
        for (int x = -steps; x <= steps; ++x) {
            const Homography shifted =
                map.after(Homography({1, 0, x * step, 0, 1, y * step, 0, 0, 1}));
            double score = -1e-3 * std::hypot(x, y);
            for (const Outline& outline : outlines) {
                const auto sight = RingProbe(image, shifted, outline).look({});
                score +=
                    std::clamp(sight.contrast, 0.0, kPlain) / static_cast<double>(outlines.size());
            }
            if (score <= best) continue;
            best = score;
            moved = shifted;
        }
    }
    return moved;
}

}  // namespace

double outlineContrast(const GreyImage& image, const Homography& map, const Template& sheet) {
    std::vector<double> contrasts;
    for (const Outline& outline : spreadSample(sheet, 60))
        contrasts.push_back(RingProbe(image, map, outline).look({}).contrast);
    if (contrasts.empty()) return 0;
    const auto quartile = contrasts.begin() + static_cast<std::ptrdiff_t>(contrasts.size() / 4);
    std::ranges::nth_element(contrasts, quartile);
    return *quartile;
}

std::vector<LocatedOutline> locateOutlines(const GreyImage& image, const Homography& map,
                                           const Template& sheet, const OutlineSearch& search) {
    std::vector<LocatedOutline> located;
    for (Outline outline : spreadSample(sheet, kLocated)) {
        outline.half_width *= search.style.ratio;
        outline.half_height *= search.style.ratio;
        outline.shape = search.style.shape.value_or(outline.shape);
        const auto found = findOutline(image, map, outline, search.reach);
        if (!found) continue;
        const Point middle = map(outline.centre);
        located.push_back(
            {.place = {outline.centre,
                       {.x = middle.x + found->shift.x, .y = middle.y + found->shift.y}},
             .contrast = found->contrast});
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
    constexpr double kPlainContrast = 0.06;
    constexpr double kMostOffset = 0.3;  // of a bubble's half size; what is bent is followed later
    // Marks at the corners leave less to be moved.
    const bool rough = sheet.align.by == AlignBy::page || sheet.align.by == AlignBy::whole;
    const Homography moved = rough ? movedToPrint(image, map, sheet) : map;
    std::vector<PointPair> best;
    RingStyle best_style;
    double best_contrast = kPlainContrast;
    for (const RingStyle& style : stylesOf(sheet)) {
        const auto outlines = locateOutlines(image, moved, sheet, {.reach = 0.9, .style = style});
        if (outlines.size() < std::min(kLocated, countOf(sheet)) * 3 / 4) continue;
        std::vector<double> contrasts;
        contrasts.reserve(outlines.size());
        for (const auto& outline : outlines) contrasts.push_back(outline.contrast);
        const double contrast = median(std::move(contrasts));
        if (contrast <= best_contrast) continue;
        best_contrast = contrast;
        best_style = style;
        best = placesOf(outlines);
    }
    // From the pixels on the map to the actual ones: moved and stretched a little.
    std::optional<Homography> snapped;
    for (int round = 0; round < 2 && best.size() >= 6; ++round) {
        std::vector<PointPair> moves;
        moves.reserve(best.size());
        for (const auto& [page, pixel] : best) moves.push_back({moved(page), pixel});
        const auto move = Homography::fitAffine(moves);
        if (!move) return std::nullopt;
        snapped = move->after(moved);
        // The second time, positions that strokes have displaced are left out.
        const double typical = medianOffset(*snapped, best);
        std::erase_if(best, [&](const PointPair& pair) {
            return medianOffset(*snapped, {pair}) > 2.5 * typical;
        });
    }
    if (!snapped || medianOffset(*snapped, best) > kMostOffset * sheet.fields[0].half_width)
        return std::nullopt;
    return SnappedMap{.map = *snapped, .style = best_style, .contrast = best_contrast};
}

}  // namespace sheafline::sheets
