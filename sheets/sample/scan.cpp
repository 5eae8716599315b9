#include "scan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace sheafline::sheets {

namespace {

using Homography = std::array<double, 8>;  // a b c / d e f / g h 1, row by row

struct Point {
    double x;
    double y;
};

// Series instead of std::sin and std::cos, whose last bit depends on the machine's library. Good
// for the few degrees of a scan.
Point direction(double degrees) {
    const double angle = degrees * 0.017453292519943295;
    const double square = angle * angle;
    return {.x = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56))),
            .y = angle * (1 - square / 6 * (1 - square / 20 * (1 - square / 42)))};
}

// Solves the eight linear equations by Gauss elimination with row pivots.
Homography homography(const std::array<Point, 4>& from, const std::array<Point, 4>& to) {
    std::array<std::array<double, 9>, 8> rows{};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto [x, y] = from.at(i);
        const auto [u, v] = to.at(i);
        rows.at(2 * i) = {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
        rows.at(2 * i + 1) = {0, 0, 0, x, y, 1, -v * x, -v * y, v};
    }
    for (std::size_t column = 0; column < 8; ++column) {
        const auto pivot = std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(column),
                                            rows.end(), [&](const auto& a, const auto& b) {
                                                return std::abs(a[column]) < std::abs(b[column]);
                                            });
        std::swap(rows.at(column), *pivot);
        for (std::size_t row = 0; row < 8; ++row) {
            if (row == column) continue;
            const double factor = rows.at(row).at(column) / rows.at(column).at(column);
            for (std::size_t k = column; k < 9; ++k) {
                rows.at(row).at(k) -= factor * rows.at(column).at(k);
            }
        }
    }
    Homography result{};
    for (std::size_t i = 0; i < 8; ++i) result.at(i) = rows.at(i).at(8) / rows.at(i).at(i);
    return result;
}

// From the pixels of the scan to those of the page.
Homography scanToPage(const GreyImage& page, const ScanFlaws& flaws) {
    const double right = page.width;
    const double bottom = page.height;
    const double pixels_per_mm = page.dpi / 25.4;
    const std::array<Point, 4> corners{{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}};
    const Point turn = direction(flaws.turn_degrees);
    std::array<Point, 4> seen{};
    for (std::size_t i = 0; i < 4; ++i) {
        const double x = (corners.at(i).x - right / 2) * flaws.scale;
        const double y = (corners.at(i).y - bottom / 2) * flaws.scale;
        seen.at(i) = {.x = right / 2 + x * turn.x - y * turn.y +
                           (flaws.shift_mm[0] + flaws.corner_mm.at(2 * i)) * pixels_per_mm,
                      .y = bottom / 2 + x * turn.y + y * turn.x +
                           (flaws.shift_mm[1] + flaws.corner_mm.at(2 * i + 1)) * pixels_per_mm};
    }
    return homography(seen, corners);
}

class Warp {
 public:
    Warp(const GreyImage& page, const ScanFlaws& flaws)
        : page_(page), map_(scanToPage(page, flaws)), background_(flaws.background) {}

    GreyImage run() const {
        GreyImage result = blankImage(page_.width, page_.height, page_.dpi);
        for (int y = 0; y < result.height; ++y) {
            const auto row = result.row(y);
            // Exact at the ends of short spans, straight between them.
            for (int x = 0; x < result.width; x += kSpan) {
                const int count = std::min(kSpan, result.width - x);
                fillSpan(&row[static_cast<std::size_t>(x)], count, pageAt(x, y),
                         pageAt(x + kSpan, y));
            }
        }
        return result;
    }

 private:
    static constexpr int kSpan = 16;
    static constexpr int kOne = 1 << 16;

    Point pageAt(double x, double y) const {
        const auto& m = map_;
        const double w = m[6] * x + m[7] * y + 1;
        return {.x = (m[0] * x + m[1] * y + m[2]) / w, .y = (m[3] * x + m[4] * y + m[5]) / w};
    }

    bool holds(Point point) const {
        return point.x >= 1 && point.y >= 1 && point.x < page_.width - 2 &&
               point.y < page_.height - 2;
    }

    void fillSpan(std::uint8_t* target, int count, Point from, Point to) const {
        const bool all_inside = holds(from) && holds(to);
        auto u = static_cast<std::int64_t>(from.x * kOne);
        auto v = static_cast<std::int64_t>(from.y * kOne);
        const auto step_u = static_cast<std::int64_t>((to.x - from.x) * (kOne / kSpan));
        const auto step_v = static_cast<std::int64_t>((to.y - from.y) * (kOne / kSpan));
        for (int i = 0; i < count; ++i, u += step_u, v += step_v) {
            const auto x = static_cast<int>(u >> 16);
            const auto y = static_cast<int>(v >> 16);
            if (!all_inside && (x < 0 || y < 0 || x >= page_.width - 1 || y >= page_.height - 1)) {
                target[i] = static_cast<std::uint8_t>(background_);
                continue;
            }
            const auto* upper =
                &page_.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(page_.width) +
                              static_cast<std::size_t>(x)];
            const auto* lower = upper + page_.width;
            const auto fx = static_cast<int>(u >> 8 & 0xFF);
            const auto fy = static_cast<int>(v >> 8 & 0xFF);
            const int top = upper[0] * (256 - fx) + upper[1] * fx;
            const int bottom = lower[0] * (256 - fx) + lower[1] * fx;
            target[i] = static_cast<std::uint8_t>((top * (256 - fy) + bottom * fy + 32768) >> 16);
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
    const auto side = static_cast<unsigned>(variance / (2 * passes) * 256 + 0.5);
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
    const auto width = static_cast<std::size_t>(image.width);
    std::vector<std::int32_t> light(width);
    const double across = flaws.shade * (1 - flaws.shade_direction);
    const double down = flaws.shade * flaws.shade_direction;
    for (std::size_t x = 0; x < width; ++x) {
        light[x] =
            static_cast<std::int32_t>(4096 * (1 - across * static_cast<double>(x) / image.width));
    }
    const auto strength = static_cast<std::int32_t>(flaws.noise * 16);
    const auto& noise = noiseTable();
    for (int y = 0; y < image.height; ++y) {
        const auto row_light = static_cast<std::int32_t>(4096 * down * y / image.height);
        const auto stretch = dice.next() % (kNoiseSize - width);
        const auto row = image.row(y);
        for (std::size_t x = 0; x < width; ++x) {
            const std::int32_t value =
                ((row[x] * (light[x] - row_light)) >> 12) + ((noise[stretch + x] * strength) >> 12);
            row[x] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
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
