#include "align/proof/mark_proof.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <sheafline/sheets/read_marks.h>

#include "geometry/bubble_sampler.h"

namespace sheafline::sheets {

namespace {

constexpr std::size_t kFewestMarks = 3;
constexpr double kLeastPlain = 0.4;
constexpr double kMostOffset = 0.3;
constexpr double kReach = 1.5;  // half sizes around a bubble in which its mark lies
constexpr int kProofGrid = 12;

const std::vector<Point>& gridPoints() {
    static const auto kPoints = [] {
        std::vector<Point> points;
        for (int y = 0; y < kProofGrid; ++y) {
            for (int x = 0; x < kProofGrid; ++x)
                points.push_back({.x = kReach * ((2 * x + 1.0) / kProofGrid - 1),
                                  .y = kReach * ((2 * y + 1.0) / kProofGrid - 1)});
        }
        return points;
    }();
    return kPoints;
}

// From the bubble's middle to that of what is dark around it, in half sizes.
double offsetOfMark(const GreyImage& image, const Homography& map, Point centre,
                    const Field& field) {
    static const BubbleOffsets kOffsets(gridPoints());
    std::array<float, std::size_t{kProofGrid} * kProofGrid> greys{};
    BubbleSampler(image, map, centre, field.half_width, field.half_height, 255)
        .sample(kOffsets, greys);
    const auto [darkest, brightest] = std::ranges::minmax(greys);
    const float middle = (darkest + brightest) / 2;
    Point sum{};
    double count = 0;
    for (std::size_t i = 0; i < greys.size(); ++i) {
        if (greys[i] >= middle) continue;
        sum = {.x = sum.x + gridPoints()[i].x, .y = sum.y + gridPoints()[i].y};
        ++count;
    }
    return count == 0 ? kReach : std::hypot(sum.x / count, sum.y / count);
}

}  // namespace

bool MarkProof::holds() const {
    return marks >= kFewestMarks && plain >= kLeastPlain && offset <= kMostOffset;
}

MarkProof proveByMarks(const GreyImage& image, const SheetAlignment& page, const Template& sheet) {
    const auto readings = readMarks(image, page, sheet);
    MarkProof proof;
    std::vector<double> offsets;
    std::size_t first = 0;
    for (std::size_t f = 0; f < sheet.fields.size(); ++f) {
        const Field& field = sheet.fields[f];
        const FieldReading& reading = readings[f];
        if (reading.flag == FieldFlag::ok && !reading.value.empty()) {
            const auto marked = static_cast<std::size_t>(std::ranges::find(reading.marked, true) -
                                                         reading.marked.begin());
            Point centre = field.bubbles[marked].centre;
            if (!page.moves.empty()) {
                centre.x += page.moves[first + marked].x;
                centre.y += page.moves[first + marked].y;
            }
            offsets.push_back(offsetOfMark(image, page.map, centre, field));
        }
        first += field.bubbles.size();
    }
    proof.marks = offsets.size();
    proof.plain = static_cast<double>(proof.marks) /
                  static_cast<double>(std::max<std::size_t>(1, sheet.fields.size()));
    if (offsets.empty()) return proof;
    const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>(offsets.size() / 2);
    std::ranges::nth_element(offsets, middle);
    proof.offset = *middle;
    return proof;
}

}  // namespace sheafline::sheets
