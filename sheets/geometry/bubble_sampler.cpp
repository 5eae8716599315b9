#include "geometry/bubble_sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace sheafline::sheets {

namespace {

constexpr std::uint32_t kUnit = 256;  // of a pixel
constexpr double kFar = 32'000;       // pixels: a map may lead far off the image
constexpr float kBias = 1U << 22U;    // keeps places positive, which cuts them downwards
constexpr int kBiasPixels = (1 << 22) / 256;

float units(double pixels) { return static_cast<float>(std::clamp(pixels, -kFar, kFar) * kUnit); }

// Two neighbors in one load, the left one in the lower byte.
std::uint32_t pairAt(const std::uint8_t* pixels) {
    if constexpr (std::endian::native != std::endian::little)
        return std::uint32_t{pixels[0]} | std::uint32_t{pixels[1]} << 8U;
    std::uint16_t pair = 0;
    std::memcpy(&pair, pixels, sizeof(pair));
    return pair;
}

}  // namespace

BubbleOffsets::BubbleOffsets(std::span<const Point> points, double scale) {
    if (points.size() > kMostPoints) throw std::length_error("too many points around a bubble");
    for (const Point point : points) {
        x.push_back(static_cast<float>(scale * point.x));
        y.push_back(static_cast<float>(scale * point.y));
        reach = std::max({reach, scale * std::abs(point.x), scale * std::abs(point.y)});
    }
}

BubbleSampler::BubbleSampler(const GreyImage& image, const Homography& map, Point centre,
                             double half_width, double half_height, float beside)
    : image_(image), beside_(beside), middle_(map(centre)), steps_(map.stepsAt(centre)) {
    steps_.right = {.x = steps_.right.x * half_width, .y = steps_.right.y * half_width};
    steps_.down = {.x = steps_.down.x * half_height, .y = steps_.down.y * half_height};
    // A pixel's grey is that of its centre.
    left_ = static_cast<int>(std::clamp(std::floor(middle_.x - 0.5), -kFar, kFar));
    top_ = static_cast<int>(std::clamp(std::floor(middle_.y - 0.5), -kFar, kFar));
}

bool BubbleSampler::isInside(double reach, Point shift) const {
    const double across = reach * (std::abs(steps_.right.x) + std::abs(steps_.down.x)) + 1;
    const double down = reach * (std::abs(steps_.right.y) + std::abs(steps_.down.y)) + 1;
    const double x = middle_.x + shift.x;
    const double y = middle_.y + shift.y;
    return x > across && y > down && x + across < image_.width - 1 && y + down < image_.height - 1;
}

void BubbleSampler::sample(const BubbleOffsets& offsets, std::span<float> greys,
                           Point shift) const {
    const float origin_x = units(middle_.x + shift.x - 0.5 - left_);
    const float origin_y = units(middle_.y + shift.y - 0.5 - top_);
    const float right_x = units(steps_.right.x);
    const float right_y = units(steps_.right.y);
    const float down_x = units(steps_.down.x);
    const float down_y = units(steps_.down.y);
    Places x_places;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled as far as it is read
    Places y_places;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    std::uint32_t* xs = x_places.data();
    std::uint32_t* ys = y_places.data();
    greys = greys.first(std::min(greys.size(), offsets.x.size()));
    const float* x = offsets.x.data();
    const float* y = offsets.y.data();
    for (std::size_t i = 0; i < greys.size(); ++i) {
        // By way of a signed number, for which processors have an instruction.
        xs[i] = static_cast<std::uint32_t>(
            static_cast<std::int32_t>(origin_x + x[i] * right_x + y[i] * down_x + kBias));
        ys[i] = static_cast<std::uint32_t>(
            static_cast<std::int32_t>(origin_y + x[i] * right_y + y[i] * down_y + kBias));
    }
    if (isInside(offsets.reach, shift)) return sampleInside(xs, ys, greys);
    for (std::size_t i = 0; i < greys.size(); ++i) greys[i] = greyAt(xs[i], ys[i]);
}

// In two loops: what the second does, a processor does for several points at once.
void BubbleSampler::sampleInside(const std::uint32_t* xs, const std::uint32_t* ys,
                                 std::span<float> greys) const {
    const auto width = static_cast<std::ptrdiff_t>(image_.width);
    const std::ptrdiff_t first = (top_ - kBiasPixels) * width + left_ - kBiasPixels;
    Places four;  // NOLINT(cppcoreguidelines-pro-type-member-init): of four pixels, a byte each
    std::uint32_t* squares = four.data();
    const std::size_t count = greys.size();
    const std::uint8_t* pixels = image_.pixels.data() + first;
    for (std::size_t i = 0; i < count; ++i) {
        const auto* upper = pixels + static_cast<std::ptrdiff_t>(ys[i] / kUnit) * width +
                            static_cast<std::ptrdiff_t>(xs[i] / kUnit);
        squares[i] = pairAt(upper) | pairAt(upper + width) << 16U;
    }
    float* out = greys.data();
    for (std::size_t i = 0; i < count; ++i) {
        const auto pixel = [square = squares[i]](unsigned byte) {
            return static_cast<float>(static_cast<std::int32_t>(square >> 8U * byte & 0xFFU));
        };
        const auto share = [](std::uint32_t place) {
            return static_cast<float>(static_cast<std::int32_t>(place % kUnit)) * (1.0F / kUnit);
        };
        const float across = share(xs[i]);
        const float above = pixel(0) + (pixel(1) - pixel(0)) * across;
        const float below = pixel(2) + (pixel(3) - pixel(2)) * across;
        out[i] = above + (below - above) * share(ys[i]);
    }
}

float BubbleSampler::greyAt(std::uint32_t x, std::uint32_t y) const {
    const int column = left_ - kBiasPixels + static_cast<int>(x / kUnit);
    const int row = top_ - kBiasPixels + static_cast<int>(y / kUnit);
    if (column < 0 || row < 0 || column >= image_.width - 1 || row >= image_.height - 1)
        return beside_;
    const auto share = [](std::uint32_t place) {
        return static_cast<float>(place % kUnit) * (1.0F / kUnit);
    };
    const auto blend = [&](int line) {
        const float left = image_.at(column, line);
        return left + (static_cast<float>(image_.at(column + 1, line)) - left) * share(x);
    };
    return blend(row) + (blend(row + 1) - blend(row)) * share(y);
}

float sumOf(std::span<const float> values) {
    constexpr std::size_t kColumns = 8;
    std::array<float, kColumns> sums{};
    const std::size_t whole = values.size() / kColumns * kColumns;
    const float* next = values.data();
    for (std::size_t i = 0; i < whole; i += kColumns) {
        for (float& sum : sums) sum += *next++;
    }
    float sum = 0;
    for (const float column : sums) sum += column;
    for (const float value : values.subspan(whole)) sum += value;
    return sum;
}

}  // namespace sheafline::sheets
