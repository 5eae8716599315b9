#include "marks/learned_print.h"

#include <algorithm>
#include <cmath>

#include "geometry/quantile.h"

namespace sheafline::sheets {

std::vector<float> LearnedPrint::slack(float most) const {
    constexpr float kDeviations = 2;  // of the print from its mean, which are no pen's
    const float noise = quantile(deviation, 0.5);
    // Few bubbles say less of how much print differs.
    const float deviations = kDeviations * (1 + 1.5F / static_cast<float>(count));
    std::vector<float> slack = deviation;
    for (float& value : slack)
        value = std::min(most, deviations * std::max(0.0F, value - 1.5F * noise));
    return slack;
}

LearnedPrint learnPrint(std::span<const std::span<const float>> pictures) {
    const std::size_t points = pictures.front().size();
    LearnedPrint print{.mean = std::vector<float>(points, 0),
                       .deviation = std::vector<float>(points, 0),
                       .count = pictures.size()};
    float* mean = print.mean.data();
    float* square = print.deviation.data();
    for (const std::span<const float> each : pictures) {
        // Plain pointers, as in BubbleSampler.
        const float* picture = each.data();
        for (std::size_t i = 0; i < points; ++i) {
            mean[i] += picture[i];
            square[i] += picture[i] * picture[i];
        }
    }
    const auto count = static_cast<float>(pictures.size());
    for (std::size_t i = 0; i < points; ++i) {
        mean[i] /= count;
        square[i] = std::sqrt(std::max(0.0F, square[i] / count - mean[i] * mean[i]));
    }
    return print;
}

}  // namespace sheafline::sheets
