#include "sample/scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <sheafline/sheets/geometry.h>

namespace sheafline::sheets {

namespace {

// Series instead of std::sin and std::cos, whose last bit depends on the machine's library. Good
// for the few degrees of a scan.
Point direction(double degrees) {
    const double angle = degrees * 0.017453292519943295;
    const double square = angle * angle;
    return {.x = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56))),
            .y = angle * (1 - square / 6 * (1 - square / 20 * (1 - square / 42)))};
}

// From the pixels of the scan to those of the page.
Homography scanToPage(const GreyImage& page, const ScanFlaws& flaws) {
    const double right = page.width;
    const double bottom = page.height;
    const double pixels_per_mm = page.dpi / 25.4;
    const std::array<Point, 4> corners{{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}};
    const Point turn = direction(flaws.turn_degrees);
    std::array<PointPair, 4> pairs{};
    for (std::size_t i = 0; i < 4; ++i) {
        const double x = (corners.at(i).x - right / 2) * flaws.scale;
        const double y = (corners.at(i).y - bottom / 2) * flaws.scale;
        const Point seen{.x = right / 2 + x * turn.x - y * turn.y +
                              (flaws.shift_mm[0] + flaws.corner_mm.at(2 * i)) * pixels_per_mm,
                         .y = bottom / 2 + x * turn.y + y * turn.x +
                              (flaws.shift_mm[1] + flaws.corner_mm.at(2 * i + 1)) * pixels_per_mm};
        pairs.at(i) = {.from = seen, .to = corners.at(i)};
    }
    return Homography::fit(pairs).value();  // a scan turns and bends its page a little only
}

class Warp {
 public:
    Warp(const GreyImage& page, const ScanFlaws& flaws)
        : page_(page), map_(scanToPage(page, flaws)), background_(flaws.background) {}

    GreyImage run() const {
        GreyImage result = blankImage(page_.width, page_.height, page_.dpi);
        for (int y = 0; y < result.height; ++y) {
            const auto row = result.row(y);
            for (int x = 0; x < result.width; x += kSpan * kSpans) fillSpans(row, x, y);
        }
        return result;
    }

 private:
    // Short enough for a page that is turned a little to be taken as straight along it.
    static constexpr int kSpan = 8;
    // The place of a span is exact at every eighth, and on a straight line between.
    static constexpr int kSpans = 8;
    static constexpr int kOne = 1 << 16;

    void fillSpans(std::span<std::uint8_t> row, int x, int y) const {
        const auto width = static_cast<int>(row.size());
        // Middles of spans, moved to the pixel that the span's first one is mixed from.
        const auto firstPixel = [&](int start) {
            const Point middle = map_({.x = start + kSpan / 2.0, .y = y + 0.5});
            return Point{.x = (middle.x - kSpan / 2.0) * kOne, .y = (middle.y - 0.5) * kOne};
        };
        const Point from = firstPixel(x);
        const Point to = firstPixel(x + kSpan * kSpans);
        const auto step_u = static_cast<std::int64_t>((to.x - from.x) / kSpans);
        const auto step_v = static_cast<std::int64_t>((to.y - from.y) / kSpans);
        auto u = static_cast<std::int64_t>(from.x);
        auto v = static_cast<std::int64_t>(from.y);
        for (int start = x; start < std::min(width, x + kSpan * kSpans); start += kSpan) {
            if (start + kSpan <= width) {
                fillSpan(&row[static_cast<std::size_t>(start)], u, v);
            } else {
                std::array<std::uint8_t, kSpan> last{};
                fillSpan(last.data(), u, v);
                std::copy_n(last.begin(), width - start, &row[static_cast<std::size_t>(start)]);
            }
            u += step_u;
            v += step_v;
        }
    }

    // Pixels of the scan, each mixed from four of the page, the first at the place u, v.
    void fillSpan(std::uint8_t* target, std::int64_t u, std::int64_t v) const {
        const auto x = static_cast<int>(u >> 16);
        const auto y = static_cast<int>(v >> 16);
        if (x < 0 || y < 0 || x + kSpan >= page_.width || y + 1 >= page_.height) {
            fillAtEdge(target, x, y);
            return;
        }
        const auto right_share = static_cast<std::uint16_t>(u >> 8 & 0xFF);
        const auto lower_share = static_cast<std::uint16_t>(v >> 8 & 0xFF);
        const auto* upper = page_.row(y).data() + x;
        const auto* lower = page_.row(y + 1).data() + x;
        const Words here = mixed(load(upper), load(lower), lower_share);
        const Words next = mixed(load(upper + 1), load(lower + 1), lower_share);
        const auto result = __builtin_convertvector(mixed(here, next, right_share), Bytes);
        std::memcpy(target, &result, kSpan);
    }

    // Eight pixels at once: the compiler finds no vectors in this by itself, and the page is made
    // of nothing else.
    using Bytes = std::uint8_t __attribute__((vector_size(kSpan)));
    using Words = std::uint16_t __attribute__((vector_size(2 * kSpan)));

    static Words load(const std::uint8_t* pixels) {
        Bytes bytes;
        std::memcpy(&bytes, pixels, kSpan);
        return __builtin_convertvector(bytes, Words);
    }
    // `share` in 256 parts is the second's.
    static Words mixed(Words first, Words second, std::uint16_t share) {
        const auto rest = static_cast<std::uint16_t>(256 - share);
        return (first * rest + second * share + std::uint16_t{128}) >> std::uint16_t{8};
    }

    void fillAtEdge(std::uint8_t* target, int x, int y) const {
        for (int i = 0; i < kSpan; ++i) {
            const bool on_page = x + i >= 0 && y >= 0 && x + i < page_.width && y < page_.height;
            target[i] = on_page ? page_.at(x + i, y) : static_cast<std::uint8_t>(background_);
        }
    }

    const GreyImage& page_;
    Homography map_;
    int background_;
};

// A kernel of side weights w has the variance 2w; wide blurs take several passes.
void blur(GreyImage& image, double deviation) {
    const double variance = deviation * deviation;
    const int passes = std::max(1, static_cast<int>(std::ceil(variance / 0.5)));
    const auto side = static_cast<unsigned>(std::lround(variance / (2 * passes) * 256));
    const unsigned middle = 256 - 2 * side;
    const auto width = static_cast<std::size_t>(image.width);
    std::vector<std::uint8_t> above(width);
    std::vector<std::uint8_t> mixed(width);
    for (int pass = 0; pass < passes && side > 0; ++pass) {
        std::ranges::copy(image.row(0), above.begin());
        for (int y = 0; y < image.height; ++y) {
            const auto row = image.row(y);
            const auto below = image.row(std::min(y + 1, image.height - 1));
            for (std::size_t x = 0; x < width; ++x) {
                mixed[x] = static_cast<std::uint8_t>(
                    (side * (above[x] + below[x]) + middle * row[x] + 128U) >> 8U);
            }
            std::ranges::copy(row, above.begin());
            for (std::size_t x = 1; x + 1 < width; ++x) {
                row[x] = static_cast<std::uint8_t>(
                    (side * (mixed[x - 1] + mixed[x + 1]) + middle * mixed[x] + 128U) >> 8U);
            }
        }
    }
}

// Normal noise in 1/256 of its deviation, drawn once: each row of a scan takes a stretch of it.
constexpr std::size_t kNoiseSize = 1U << 16U;

const std::vector<std::int16_t>& noiseTable() {
    static const std::vector<std::int16_t> kTable = [] {
        Dice dice(0x5EED);
        std::vector<std::int16_t> table(kNoiseSize);
        for (auto& value : table) value = static_cast<std::int16_t>(dice.normal() * 256);
        return table;
    }();
    return kTable;
}

void shadeAndNoise(GreyImage& image, const ScanFlaws& flaws, Dice& dice) {
    constexpr double kLight = 256;  // sums stay within 16 bits, eight pixels at a time
    const auto width = static_cast<std::size_t>(image.width);
    const double across = flaws.shade * (1 - flaws.shade_direction);
    const double down = flaws.shade * flaws.shade_direction;
    std::vector<std::uint16_t> light(width);
    for (std::size_t x = 0; x < width; ++x) {
        light[x] = static_cast<std::uint16_t>(kLight *
                                              (1 - across * static_cast<double>(x) / image.width));
    }
    const auto strength = static_cast<int>(flaws.noise * 16);
    std::vector<std::int16_t> noise(kNoiseSize);
    std::ranges::transform(noiseTable(), noise.begin(), [&](std::int16_t value) {
        return static_cast<std::int16_t>((value * strength) >> 12);
    });
    for (int y = 0; y < image.height; ++y) {
        const auto row_light = static_cast<std::uint16_t>(kLight * down * y / image.height);
        const auto* grain = &noise[dice.next() % (kNoiseSize - width)];
        const auto row = image.row(y);
        for (std::size_t x = 0; x < width; ++x) {
            const auto lit = static_cast<std::uint16_t>(
                row[x] * static_cast<std::uint16_t>(light[x] - row_light));
            const auto value = static_cast<std::int16_t>((lit >> 8) + grain[x]);
            row[x] = static_cast<std::uint8_t>(std::clamp<std::int16_t>(value, 0, 255));
        }
    }
}

}  // namespace

GreyImage scan(const GreyImage& page, const ScanFlaws& flaws, Dice& dice) {
    GreyImage image = Warp(page, flaws).run();
    if (flaws.blur > 0) blur(image, flaws.blur);
    shadeAndNoise(image, flaws, dice);
    return image;
}

}  // namespace sheafline::sheets
