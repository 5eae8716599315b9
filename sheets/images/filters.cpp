#include "images/filters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace sheafline::sheets {

namespace {

constexpr int kWeightBits = 7;
constexpr int kTaps = 4;

struct Phase {
    int first = 0;  // offset of the first tap from the source pixel
    std::array<int, kTaps> weights{};
};

// For every position between two source pixels that enlarging by `factor` meets.
std::vector<Phase> phases(int factor) {
    std::vector<Phase> result;
    for (int i = 0; i < factor; ++i) {
        const double place = (i + 0.5) / factor - 0.5;
        const double whole = std::floor(place);
        const double x = place - whole;
        const std::array<double, kTaps> exact{
            (-x + 2 * x * x - x * x * x) / 2, (2 - 5 * x * x + 3 * x * x * x) / 2,
            (x + 4 * x * x - 3 * x * x * x) / 2, (-x * x + x * x * x) / 2};
        Phase phase{.first = static_cast<int>(whole) - 1};
        for (std::size_t tap = 0; tap < kTaps; ++tap) {
            phase.weights.at(tap) =
                static_cast<int>(std::lround(exact.at(tap) * (1 << kWeightBits)));
        }
        result.push_back(phase);
    }
    return result;
}

// Means along each row, kept with four more bits.
void smoothRow(const std::uint16_t* source, std::uint16_t* target, int width, int radius) {
    const int count = 2 * radius + 1;
    const auto at = [&](int x) { return std::uint32_t{source[std::clamp(x, 0, width - 1)]}; };
    std::uint32_t sum = 0;
    for (int x = -radius; x <= radius; ++x) sum += at(x);
    for (int x = 0; x < width; ++x) {
        target[x] = static_cast<std::uint16_t>(sum / static_cast<std::uint32_t>(count));
        sum += at(x + radius + 1) - at(x - radius);
    }
}

constexpr int kMoreBits = 4;

}  // namespace

GreyImage reduced(const GreyImage& image, int factor) {
    GreyImage result = blankImage(image.width / factor, image.height / factor, image.dpi / factor);
    std::vector<std::uint16_t> sums(static_cast<std::size_t>(result.width) *
                                    static_cast<std::size_t>(factor));
    const auto area = static_cast<std::uint32_t>(factor * factor);
    const std::uint32_t scale = (1U << 16U) / area;  // a division for each pixel would take longer
    for (int y = 0; y < result.height; ++y) {
        std::ranges::fill(sums, std::uint16_t{0});
        for (int i = 0; i < factor; ++i) {
            const auto* source = image.row(y * factor + i).data();
            for (std::size_t x = 0; x < sums.size(); ++x)
                sums[x] = static_cast<std::uint16_t>(sums[x] + source[x]);
        }
        const auto* sum = sums.data();
        for (auto& pixel : result.row(y)) {
            std::uint32_t total = area / 2;
            for (int k = 0; k < factor; ++k) total += *sum++;
            pixel = static_cast<std::uint8_t>((total * scale) >> 16U);
        }
    }
    return result;
}

GreyImage enlarged(const GreyImage& image, int factor) {
    GreyImage result = blankImage(image.width * factor, image.height * factor, image.dpi * factor);
    if (result.pixels.empty()) return result;
    const auto table = phases(factor);
    const auto width = static_cast<std::size_t>(image.width);
    std::vector<int> column(width);
    for (int y = 0; y < result.height; ++y) {
        const Phase& down = table[static_cast<std::size_t>(y % factor)];
        std::array<const std::uint8_t*, kTaps> rows{};
        for (int tap = 0; tap < kTaps; ++tap) {
            const int source = std::clamp(y / factor + down.first + tap, 0, image.height - 1);
            rows.at(static_cast<std::size_t>(tap)) = image.row(source).data();
        }
        for (std::size_t x = 0; x < width; ++x) {
            column[x] = rows[0][x] * down.weights[0] + rows[1][x] * down.weights[1] +
                        rows[2][x] * down.weights[2] + rows[3][x] * down.weights[3];
        }
        const auto row = result.row(y);
        for (int x = 0; x < image.width; ++x) {
            const auto at = [&](int place) {
                return column[static_cast<std::size_t>(std::clamp(place, 0, image.width - 1))];
            };
            for (int i = 0; i < factor; ++i) {
                const Phase& across = table[static_cast<std::size_t>(i)];
                int sum = 1 << (2 * kWeightBits - 1);
                for (int tap = 0; tap < kTaps; ++tap) {
                    sum += at(x + across.first + tap) *
                           across.weights.at(static_cast<std::size_t>(tap));
                }
                const int place = x * factor + i;
                row[static_cast<std::size_t>(place)] =
                    static_cast<std::uint8_t>(std::clamp(sum >> (2 * kWeightBits), 0, 255));
            }
        }
    }
    return result;
}

GreyImage smoothed(const GreyImage& image, int radius) {
    GreyImage result = image;
    if (image.pixels.empty()) return result;
    const auto width = static_cast<std::size_t>(image.width);
    const int count = 2 * radius + 1;
    std::vector<std::uint32_t> sums(width);
    std::vector<std::uint16_t> means(width);
    std::vector<std::uint16_t> row_means(width);
    const auto source = [&](int y) { return image.row(std::clamp(y, 0, image.height - 1)); };
    for (int y = -radius; y <= radius; ++y) {
        for (std::size_t x = 0; x < width; ++x) sums[x] += source(y)[x];
    }
    for (int y = 0; y < image.height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            means[x] = static_cast<std::uint16_t>((sums[x] << kMoreBits) /
                                                  static_cast<std::uint32_t>(count));
        }
        smoothRow(means.data(), row_means.data(), image.width, radius);
        const auto target = result.row(y);
        const auto entering = source(y + radius + 1);
        const auto leaving = source(y - radius);
        for (std::size_t x = 0; x < width; ++x) {
            target[x] = static_cast<std::uint8_t>(
                std::min(255, (row_means[x] + (1 << (kMoreBits - 1))) >> kMoreBits));
            sums[x] += std::uint32_t{entering[x]} - leaving[x];
        }
    }
    return result;
}

GreyImage sharpened(const GreyImage& image, int radius, int amount) {
    GreyImage result = smoothed(smoothed(image, radius), radius);
    for (std::size_t i = 0; i < result.pixels.size(); ++i) {
        const int pixel = image.pixels[i];
        result.pixels[i] = static_cast<std::uint8_t>(
            std::clamp(pixel + amount * (pixel - result.pixels[i]), 0, 255));
    }
    return result;
}

GreyImage framed(const GreyImage& image, int width) {
    GreyImage result = blankImage(image.width + 2 * width, image.height + 2 * width, image.dpi);
    for (int y = 0; y < image.height; ++y) {
        std::ranges::copy(image.row(y), result.row(y + width).begin() + width);
    }
    return result;
}

GreyImage inverted(GreyImage image) {
    for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
    return image;
}

}  // namespace sheafline::sheets
