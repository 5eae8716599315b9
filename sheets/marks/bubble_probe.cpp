#include "bubble_probe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

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

constexpr int kCirclePoints = 24;
constexpr std::size_t kMostPoints = std::size_t{kGrid} * kGrid;  // that are looked at together

// Offsets in two columns, as the loops over them want it.
struct Offsets {
    std::vector<float> x{};
    std::vector<float> y{};

    explicit Offsets(std::span<const Point> points, double reach = 1) {
        for (const Point point : points) {
            x.push_back(static_cast<float>(reach * point.x));
            y.push_back(static_cast<float>(reach * point.y));
        }
    }
};

// Looks at a bubble and around it. Most of the time that reading takes is spent here: places are in
// 256ths of a pixel and counted from the bubble's own pixel, so that whole numbers do.
class Sampler {
 public:
    Sampler(const GreyImage& image, const Homography& map, Point centre, double half_width,
            double half_height)
        : image_(image) {
        const Point middle = map(centre);
        const auto [right, down] = map.stepsAt(centre);
        const double right_x = right.x * half_width;
        const double right_y = right.y * half_width;
        const double down_x = down.x * half_height;
        const double down_y = down.y * half_height;
        const double reach_x = kFarRing * (std::abs(right_x) + std::abs(down_x)) + 1;
        const double reach_y = kFarRing * (std::abs(right_y) + std::abs(down_y)) + 1;
        inside_ = middle.x > reach_x && middle.y > reach_y &&
                  middle.x + reach_x < image.width - 1 && middle.y + reach_y < image.height - 1;
        // A pixel's grey is that of its centre. A map may lead far off the image: no overflow then.
        left_ = static_cast<int>(std::clamp(std::floor(middle.x - 0.5), -kFar, kFar));
        top_ = static_cast<int>(std::clamp(std::floor(middle.y - 0.5), -kFar, kFar));
        const auto units = [](double length) {
            return static_cast<float>(std::clamp(length * kUnit, -kFar * kUnit, kFar * kUnit));
        };
        origin_x_ = units(middle.x - 0.5 - left_);
        origin_y_ = units(middle.y - 0.5 - top_);
        right_x_ = units(right_x);
        right_y_ = units(right_y);
        down_x_ = units(down_x);
        down_y_ = units(down_y);
    }

    void sample(const Offsets& offsets, std::span<float> greys) const {
        std::array<std::int32_t, kMostPoints> xs{};
        std::array<std::int32_t, kMostPoints> ys{};
        for (std::size_t i = 0; i < greys.size(); ++i) {
            xs[i] = static_cast<std::int32_t>(origin_x_ + offsets.x[i] * right_x_ +
                                              offsets.y[i] * down_x_ + kBias);
            ys[i] = static_cast<std::int32_t>(origin_y_ + offsets.x[i] * right_y_ +
                                              offsets.y[i] * down_y_ + kBias);
        }
        for (std::size_t i = 0; i < greys.size(); ++i) greys[i] = greyAt(xs[i], ys[i]);
    }

    // The ring around the bubble; the next one where a printed outline is wider than the template
    // has it.
    float paper() const {
        static const Offsets kNear(unitCircle(), kPaperRing);
        static const Offsets kNext(unitCircle(), kFarRing);
        constexpr float kOutline = 0.93F;
        const float near = typical(kNear);
        const float far = typical(kNext);
        return near < kOutline * far ? far : near;
    }

 private:
    static constexpr int kUnit = 256;  // of a pixel
    static constexpr double kFar = 32'000;
    static constexpr float kBias = 1U << 22U;  // keeps places positive, which cuts them downwards
    static constexpr int kBiasPixels = (1 << 22) / kUnit;

    const GreyImage& image_;
    int left_ = 0;
    int top_ = 0;
    float origin_x_ = 0;
    float origin_y_ = 0;
    float right_x_ = 0;
    float right_y_ = 0;
    float down_x_ = 0;
    float down_y_ = 0;
    bool inside_ = false;

    // Bilinear; white beside the page.
    float greyAt(std::int32_t x, std::int32_t y) const {
        const int column = left_ + x / kUnit - kBiasPixels;
        const int row = top_ + y / kUnit - kBiasPixels;
        if (!inside_ &&
            (column < 0 || row < 0 || column >= image_.width - 1 || row >= image_.height - 1))
            return 255;
        const auto width = static_cast<std::size_t>(image_.width);
        const auto* upper = image_.pixels.data() + static_cast<std::size_t>(row) * width +
                            static_cast<std::size_t>(column);
        const auto* lower = upper + width;
        const int across = x % kUnit;
        const int above = upper[0] * kUnit + (upper[1] - upper[0]) * across;
        const int below = lower[0] * kUnit + (lower[1] - lower[0]) * across;
        const int grey = above * kUnit + (below - above) * (y % kUnit);
        return static_cast<float>(grey) * (1.0F / (kUnit * kUnit));
    }

    float typical(const Offsets& circle) const {
        std::array<float, kCirclePoints> ring{};
        sample(circle, ring);
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
    static const Offsets offsets(points.offsets);
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
            sampler.sample(offsets, picture);
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
