#include "marks/bubble_probe.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "geometry/bubble_sampler.h"
#include "geometry/page_sampling.h"

namespace sheafline::sheets {

namespace {

constexpr int kGrid = 14;  // points across a bubble
constexpr double kCore = 0.5;
constexpr double kInner = 0.8;   // of the radius: what is filled, whatever the outline is
constexpr double kOuter = 0.92;  // as far as strokes are looked at
constexpr double kPaperRing = 1.27;
constexpr double kFarRing = 1.52;
constexpr float kWhite = 255;  // and what lies beside the page

ProbePoints makeProbePoints() {
    ProbePoints points;
    std::vector<Point> inner;
    std::vector<Point> outer;
    for (int y = 0; y < kGrid; ++y) {
        for (int x = 0; x < kGrid; ++x) {
            const Point offset{.x = (2 * x + 1.0) / kGrid - 1, .y = (2 * y + 1.0) / kGrid - 1};
            const double reach = std::hypot(offset.x, offset.y);
            if (reach <= kCore) points.offsets.push_back(offset);
            if (reach > kCore && reach <= kInner) inner.push_back(offset);
            if (reach > kInner && reach <= kOuter) outer.push_back(offset);
        }
    }
    points.core = points.offsets.size();
    points.offsets.insert(points.offsets.end(), inner.begin(), inner.end());
    points.inner = points.offsets.size();
    points.offsets.insert(points.offsets.end(), outer.begin(), outer.end());
    return points;
}

std::vector<Point> makeSurroundPoints() {
    std::vector<Point> points;
    for (const double reach : {1.02, 1.18, 1.36, 1.55}) {
        for (std::size_t i = 0; i < kSurroundDirections; ++i) {
            // Between the axes and the diagonals, where the sides of a square bubble leave most
            // room.
            const double angle =
                6.283185307179586 * (static_cast<double>(i) + 0.5) / kSurroundDirections;
            points.push_back({.x = reach * std::cos(angle), .y = reach * std::sin(angle)});
        }
    }
    return points;
}

// The value that so many others are below: counting is quicker than sorting for so few.
float ranked(const std::array<float, kCirclePoints>& values, int rank) {
    for (const float value : values) {
        int below = 0;
        int not_above = 0;
        for (const float other : values) {
            below += other < value ? 1 : 0;
            not_above += other <= value ? 1 : 0;
        }
        if (below <= rank && rank < not_above) return value;
    }
    return 0;
}

float typicalOf(const BubbleSampler& sampler, const BubbleOffsets& circle) {
    std::array<float, kCirclePoints> ring{};
    sampler.sample(circle, ring);
    // Somewhat above the middle: a neighbour's outline or a stroke that left its bubble is no
    // paper.
    return ranked(ring, static_cast<int>(ring.size() * 6 / 10));
}

// The ring around the bubble; the next one where a printed outline is wider than the template has
// it.
float paperAround(const BubbleSampler& sampler) {
    static const BubbleOffsets kNear(unitCircle(), kPaperRing);
    static const BubbleOffsets kNext(unitCircle(), kFarRing);
    constexpr float kOutline = 0.93F;
    const float near = typicalOf(sampler, kNear);
    if (near >= kOutline * kWhite) return near;
    const float far = typicalOf(sampler, kNext);
    return near < kOutline * far ? far : near;
}

}  // namespace

const ProbePoints& probePoints() {
    static const ProbePoints kPoints = makeProbePoints();
    return kPoints;
}

BubbleViews viewBubbles(const GreyImage& image, const SheetAlignment& page, const Template& sheet) {
    const ProbePoints& points = probePoints();
    static const BubbleOffsets kOffsets(points.offsets);
    static const std::vector<Point> kSurround = makeSurroundPoints();
    const BubbleOffsets around_offsets(kSurround, std::max(1.0, page.ring_ratio));
    BubbleViews views;
    std::size_t count = 0;
    for (const Field& field : sheet.fields) count += field.bubbles.size();
    views.bubbles.reserve(count);
    views.darkness.resize(count * points.offsets.size());
    views.surround.resize(count * kSurroundPoints);
    for (std::size_t f = 0; f < sheet.fields.size(); ++f) {
        const Field& field = sheet.fields[f];
        const std::size_t first = views.bubbles.size();
        float brightest = 1;
        for (std::size_t b = 0; b < field.bubbles.size(); ++b) {
            Point centre = field.bubbles[b].centre;
            if (!page.moves.empty()) {
                centre.x += page.moves[views.bubbles.size()].x;
                centre.y += page.moves[views.bubbles.size()].y;
            }
            const BubbleSampler sampler(image, page.map, centre, field.half_width,
                                        field.half_height, kWhite);
            const auto picture = views.picture(views.bubbles.size());
            sampler.sample(kOffsets, picture);
            sampler.sample(around_offsets, views.around(views.bubbles.size()));
            views.bubbles.push_back({.field = f, .bubble = b, .paper = paperAround(sampler)});
            brightest = std::max(brightest, views.bubbles.back().paper);
        }
        for (std::size_t i = first; i < views.bubbles.size(); ++i) {
            BubbleView& view = views.bubbles[i];
            const auto picture = views.picture(i);
            // Scribble all around a bubble is not its paper.
            view.paper = std::max(view.paper, 0.85F * brightest);
            const float scale = 1 / view.paper;
            for (float& value : picture) value = 1 - value * scale;
            const auto around = views.around(i);
            for (float& value : around) value = 1 - value * scale;
            view.raw_surround = sumOf(around) / static_cast<float>(kSurroundPoints);
            view.raw_fill = sumOf(picture.first(points.inner)) / static_cast<float>(points.inner);
        }
    }
    return views;
}

}  // namespace sheafline::sheets
