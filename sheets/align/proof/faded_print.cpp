#include "align/proof/faded_print.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "align/bubble_list.h"

namespace sheafline::sheets {

namespace {

constexpr int kReachSteps = 6;          // each way
constexpr double kShiftStep = 0.1;      // half widths
constexpr double kMostShift = 0.25;     // half widths: marks are still read right
constexpr double kFilled = 0.6;         // contrast: a mark, not an outline
constexpr double kMostOfOutline = 0.2;  // more contrast counts no more
constexpr double kLeastMean = 0.02;
constexpr double kOfBeside = 2.0;     // how much plainer the place is than what is beside it
constexpr double kLeastOfMean = 0.2;  // of a row or column: less is paper
constexpr std::size_t kFewestOutlines = 20;

// The contrasts of a bubble's outline at every shift.
class ShiftedContrasts {
 public:
    static constexpr int kSide = 2 * kReachSteps + 1;

    ShiftedContrasts(const GreyImage& image, const Homography& map, const Outline& outline)
        : contrasts_(std::size_t{kSide} * kSide) {
        const auto [right, down] = map.stepsAt(outline.centre);
        const RingProbe probe(image, map, outline);
        const double across = kShiftStep * outline.half_width;
        const double along = kShiftStep * outline.half_height;
        for (int y = -kReachSteps; y <= kReachSteps; ++y) {
            for (int x = -kReachSteps; x <= kReachSteps; ++x) {
                const Point shift{.x = x * across * right.x + y * along * down.x,
                                  .y = x * across * right.y + y * along * down.y};
                at(x, y) = probe.look(shift).contrast;
            }
        }
    }

    double at(int x, int y) const { return contrasts_[indexOf(x, y)]; }
    bool isFilled() const { return at(0, 0) > kFilled; }

 private:
    static std::size_t indexOf(int x, int y) {
        const int row = y + kReachSteps;
        const int column = x + kReachSteps;
        return static_cast<std::size_t>(row) * kSide + static_cast<std::size_t>(column);
    }
    double& at(int x, int y) { return contrasts_[indexOf(x, y)]; }

    std::vector<double> contrasts_;
};

double limited(double contrast) { return std::clamp(contrast, 0.0, kMostOfOutline); }

// Where the outlines of a block lie together.
struct BlockPlace {
    int x = 0;
    int y = 0;
    double mean = 0;    // of the empty bubbles, there
    double beside = 0;  // the same at the ends of the reach, where no outline is
    std::size_t empty = 0;

    double distance() const { return kShiftStep * std::hypot(x, y); }
};

BlockPlace placeOf(const BubbleBlock& block, const std::vector<ShiftedContrasts>& contrasts) {
    BlockPlace place;
    const auto meanAt = [&](int x, int y) {
        double sum = 0;
        for (const std::size_t bubble : block.bubbles) {
            if (!contrasts[bubble].isFilled()) sum += limited(contrasts[bubble].at(x, y));
        }
        return sum / static_cast<double>(std::max<std::size_t>(1, place.empty));
    };
    place.empty = static_cast<std::size_t>(std::ranges::count_if(
        block.bubbles, [&](std::size_t bubble) { return !contrasts[bubble].isFilled(); }));
    int ends = 0;
    for (int y = -kReachSteps; y <= kReachSteps; ++y) {
        for (int x = -kReachSteps; x <= kReachSteps; ++x) {
            const double mean = meanAt(x, y);
            if (std::max(std::abs(x), std::abs(y)) == kReachSteps) {
                place.beside += mean;
                ++ends;
            }
            if (mean <= place.mean) continue;
            place.mean = mean;
            place.x = x;
            place.y = y;
        }
    }
    place.beside /= ends;
    return place;
}

// What a row or column shows at the block's place; a mark is in a bubble, so it counts in full.
double meanOf(const BubbleLine& line, const BlockPlace& place,
              const std::vector<ShiftedContrasts>& contrasts) {
    double sum = 0;
    for (const std::size_t bubble : line.bubbles) {
        double best = 0;
        for (int y = place.y - 1; y <= place.y + 1; ++y) {
            for (int x = place.x - 1; x <= place.x + 1; ++x) {
                if (std::max(std::abs(x), std::abs(y)) <= kReachSteps)
                    best = std::max(best, contrasts[bubble].at(x, y));
            }
        }
        sum += limited(best);
    }
    return sum / static_cast<double>(line.bubbles.size());
}

}  // namespace

FadedProof proveFadedPrint(const GreyImage& image, const Homography& map, const Template& sheet,
                           const RingStyle& style) {
    std::vector<ShiftedContrasts> contrasts;
    for (const Outline& outline : outlinesOf(sheet, {}, style))
        contrasts.emplace_back(image, map, outline);
    FadedProof proof;
    if (contrasts.size() < kFewestOutlines) return proof;
    const std::vector<BubbleBlock> blocks = blocksOf(sheet);
    std::vector<BlockPlace> places;
    double sum = 0;
    double empty = 0;
    for (const BubbleBlock& block : blocks) {
        places.push_back(placeOf(block, contrasts));
        sum += places.back().mean * static_cast<double>(places.back().empty);
        empty += static_cast<double>(places.back().empty);
    }
    proof.mean = sum / std::max(1.0, empty);
    proof.holds = proof.mean >= kLeastMean;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const BlockPlace& place = places[i];
        proof.residual = std::max(proof.residual, place.distance());
        proof.holds &= place.mean >= kOfBeside * place.beside && place.distance() <= kMostShift;
        for (const BubbleLine& line : blocks[i].lines)
            proof.holds &= meanOf(line, place, contrasts) >= kLeastOfMean * proof.mean;
    }
    return proof;
}

}  // namespace sheafline::sheets
