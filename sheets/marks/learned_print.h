// What is printed at each point of some empty bubbles, and how much they differ. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sheafline::sheets {

struct LearnedPrint {
    std::vector<float> mean{};
    std::vector<float> deviation{};
    std::size_t count = 0;  // of the bubbles

    // By how much a pen must exceed the print at each point, and `most` at the most. Noise does not
    // count, because it is the same everywhere and belongs to the scale of the sheet.
    std::vector<float> slack(float most) const;
};

// All pictures have the same size, and there is at least one.
LearnedPrint learnPrint(std::span<const std::span<const float>> pictures);

}  // namespace sheafline::sheets
