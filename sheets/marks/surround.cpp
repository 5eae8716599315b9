#include "marks/surround.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>

#include "geometry/quantile.h"
#include "marks/bubble_probe.h"

namespace sheafline::sheets {

namespace {

constexpr float kDark = 0.22F;

// What goes all around the bubbles of one value, and around those of no other, is a pen's. It
// happens where nearly all answers are the same and circled.
void replaceCircles(std::vector<LearnedPrint>& prints) {
    constexpr double kUsual = 0.25;
    constexpr double kAllAround = 0.8;
    std::vector<float> usual(kSurroundPoints);
    std::vector<float> means(prints.size());
    for (std::size_t i = 0; i < kSurroundPoints; ++i) {
        std::ranges::transform(prints, means.begin(),
                               [i](const LearnedPrint& print) { return print.mean[i]; });
        usual[i] = quantile(means, kUsual);
    }
    std::vector<float> beyond(kSurroundPoints);
    for (LearnedPrint& print : prints) {
        std::ranges::transform(print.mean, usual, beyond.begin(), std::minus());
        if (shareAround(beyond) >= kAllAround) print.mean = usual;
    }
}

LearnedPrint poolOf(const std::vector<LearnedPrint>& prints) {
    LearnedPrint pool{.mean = std::vector<float>(kSurroundPoints, 0),
                      .deviation = std::vector<float>(kSurroundPoints, 0)};
    float freedom = 0;
    for (const LearnedPrint& print : prints) {
        const auto count = static_cast<float>(print.count);
        pool.count += print.count;
        freedom += count - 1;
        for (std::size_t i = 0; i < kSurroundPoints; ++i) {
            pool.mean[i] += count * print.mean[i];
            pool.deviation[i] += count * print.deviation[i] * print.deviation[i];
        }
    }
    for (std::size_t i = 0; i < kSurroundPoints; ++i) {
        pool.mean[i] /= static_cast<float>(pool.count);
        pool.deviation[i] = std::sqrt(pool.deviation[i] / std::max(1.0F, freedom));
    }
    return pool;
}

}  // namespace

double shareAround(std::span<const float> around) {
    std::array<float, kSurroundDirections> most{};
    const float* next = around.data();
    for (std::size_t ring = 0; ring < around.size() / kSurroundDirections; ++ring) {
        for (float& darkest : most) darkest = std::max(darkest, *next++);
    }
    const auto dark = std::ranges::count_if(most, [](float darkness) { return darkness > kDark; });
    return static_cast<double>(dark) / kSurroundDirections;
}

double shareAroundSquare(std::span<const float> around) {
    constexpr double kByCorners = 0.7;
    constexpr std::size_t kCornerRings = 2;  // the inner ones, inside the outline
    bool every = true;
    for (std::size_t corner = kSurroundDirections / 8; corner < kSurroundDirections;
         corner += kSurroundDirections / 4) {
        float darkest = 0;
        for (std::size_t ring = 0; ring < kCornerRings; ++ring)
            darkest = std::max(darkest, around[ring * kSurroundDirections + corner]);
        every = every && darkest > kDark;
    }
    return std::max(shareAround(around), every ? kByCorners : 0);
}

std::vector<float> learnSurround(std::vector<LearnedPrint>& prints) {
    constexpr float kPooled = 4;  // bubbles: the weight of what all values have in common
    constexpr float kMostSlack = 0.3F;
    replaceCircles(prints);
    const LearnedPrint pool = poolOf(prints);
    for (LearnedPrint& print : prints) {
        const auto count = static_cast<float>(print.count);
        for (std::size_t i = 0; i < kSurroundPoints; ++i) {
            const float shared =
                (count * print.mean[i] + kPooled * pool.mean[i]) / (count + kPooled);
            // A line that is printed beside one value only is in its own mean.
            print.mean[i] = std::max(print.mean[i], shared);
        }
    }
    return pool.slack(kMostSlack);
}

}  // namespace sheafline::sheets
