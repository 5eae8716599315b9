#include "bubble_probe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "page_sampling.h"

namespace sheafline::sheets {

namespace {

constexpr int kGrid = 14;        // points across a bubble
constexpr double kInner = 0.8;   // of the radius: what is filled, whatever the outline is
constexpr double kOuter = 0.92;  // as far as strokes are looked at
constexpr double kPaperRing = 1.27;
constexpr double kFarRing = 1.52;

ProbePoints makeProbePoints() {
    ProbePoints points;
    std::vector<Point> outer;
    for (int y = 0; y < kGrid; ++y) {
        for (int x = 0; x < kGrid; ++x) {
            const Point offset{.x = (2 * x + 1.0) / kGrid - 1, .y = (2 * y + 1.0) / kGrid - 1};
            const double reach = std::hypot(offset.x, offset.y);
            if (reach <= kInner) points.offsets.push_back(offset);
            if (reach > kInner && reach <= kOuter) outer.push_back(offset);
        }
    }
    points.inner = points.offsets.size();
    points.offsets.insert(points.offsets.end(), outer.begin(), outer.end());
    return points;
}

class Sampler {
 public:
    Sampler(const GreyImage& image, const Homography& map, Point centre, double half_width,
            double half_height)
        : image_(image), middle_(map(centre)) {
        const auto [right, down] = map.stepsAt(centre);
        right_ = {.x = right.x * half_width, .y = right.y * half_width};
        down_ = {.x = down.x * half_height, .y = down.y * half_height};
        const double reach_x = kFarRing * (std::abs(right_.x) + std::abs(down_.x)) + 1;
        const double reach_y = kFarRing * (std::abs(right_.y) + std::abs(down_.y)) + 1;
        inside_ = middle_.x > reach_x && middle_.y > reach_y &&
                  middle_.x + reach_x < image.width - 1 && middle_.y + reach_y < image.height - 1;
    }

    // Bilinear, between the centres of pixels.
    float operator()(Point offset) const {
        const double x = middle_.x + offset.x * right_.x + offset.y * down_.x - 0.5;
        const double y = middle_.y + offset.x * right_.y + offset.y * down_.y - 0.5;
        if (!inside_ && !isBetweenPixels(image_, x, y)) return 255;
        return static_cast<float>(greyBetween(image_, x, y));
    }

    // The ring around the bubble; the next one where a printed outline is wider than the template
    // has it.
    float paper() const {
        constexpr float kOutline = 0.93F;
        const float near = typical(kPaperRing);
        const float far = typical(kFarRing);
        return near < kOutline * far ? far : near;
    }

 private:
    const GreyImage& image_;
    Point middle_;
    Point right_{};
    Point down_{};
    bool inside_ = false;

    float typical(double reach) const {
        std::array<float, 24> ring{};
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const Point direction = unitCircle().at(i);
            ring.at(i) = (*this)({.x = reach * direction.x, .y = reach * direction.y});
        }
        // Somewhat above the middle: a neighbour's outline or a stroke that left its bubble is no
        // paper.
        auto* const typical = ring.begin() + ring.size() * 6 / 10;
        std::ranges::nth_element(ring, typical);
        return *typical;
    }
};

}  // namespace

const ProbePoints& probePoints() {
    static const ProbePoints kPoints = makeProbePoints();
    return kPoints;
}

BubbleViews viewBubbles(const GreyImage& image, const Homography& map, const Template& sheet) {
    const ProbePoints& points = probePoints();
    BubbleViews views;
    std::size_t count = 0;
    for (const Field& field : sheet.fields) count += field.bubbles.size();
    views.bubbles.reserve(count);
    views.darkness.resize(count * points.offsets.size());
    for (std::size_t f = 0; f < sheet.fields.size(); ++f) {
        const Field& field = sheet.fields[f];
        const std::size_t first = views.bubbles.size();
        float brightest = 1;
        for (std::size_t b = 0; b < field.bubbles.size(); ++b) {
            const Sampler sampler(image, map, field.bubbles[b].centre, field.half_width,
                                  field.half_height);
            const auto picture = views.picture(views.bubbles.size());
            for (std::size_t p = 0; p < picture.size(); ++p)
                picture[p] = sampler(points.offsets[p]);
            views.bubbles.push_back({.field = f, .bubble = b, .paper = sampler.paper()});
            brightest = std::max(brightest, views.bubbles.back().paper);
        }
        for (std::size_t i = first; i < views.bubbles.size(); ++i) {
            BubbleView& view = views.bubbles[i];
            const auto picture = views.picture(i);
            // Scribble all around a bubble is not its paper.
            view.paper = std::max(view.paper, 0.85F * brightest);
            const float scale = 1 / view.paper;
            for (float& value : picture) value = 1 - value * scale;
            view.raw_fill =
                std::accumulate(picture.begin(),
                                picture.begin() + static_cast<std::ptrdiff_t>(points.inner), 0.0F) /
                static_cast<float>(points.inner);
        }
    }
    return views;
}

}  // namespace sheafline::sheets
