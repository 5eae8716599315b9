#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include <sheafline/sheets/align_sheet.h>

#include "find_fiducials.h"
#include "outline_proof.h"

namespace sheafline::sheets {

namespace {

// Outlines are printed in lines that blur and pale; astray the contrast is below 0.02.
constexpr double kLeastContrast = 0.045;
constexpr double kMostResidual = 0.35;  // of a bubble's radius

double smallestRadius(const Template& sheet) {
    double radius = 1e9;
    for (const Field& field : sheet.fields)
        radius = std::min({radius, field.half_width, field.half_height});
    return radius;
}

// A map that is still to be proved.
struct Candidate {
    Homography map{};
    std::vector<PointPair> pairs{};
    bool orientation_seen = false;
    double orientation_residual = 0;
    double contrast = 0;
};

std::optional<Candidate> refine(const GreyImage& image, const Template& sheet,
                                const FiducialPlaces& places) {
    const PageAlignment& align = sheet.align;
    Candidate candidate;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places.at(i)) candidate.pairs.push_back({align.centres[i], *places.at(i)});
    }
    const auto rough = Homography::fit(candidate.pairs);
    if (!rough) return std::nullopt;
    candidate.pairs.clear();
    // A mark that the search did not see may still be there, paler or smudged.
    for (const Point& centre : align.centres) {
        const auto [right, down] = rough->stepsAt(centre);
        const double side =
            align.side * (std::hypot(right.x, right.y) + std::hypot(down.x, down.y)) / 2;
        if (const auto found = refineFiducial(image, (*rough)(centre), side, align.shape))
            candidate.pairs.push_back({centre, *found});
    }
    const auto map = Homography::fit(candidate.pairs);
    if (!map) return std::nullopt;
    candidate.map = *map;
    return candidate;
}

void lookAtOrientation(const GreyImage& image, const Template& sheet, Candidate& candidate) {
    if (!sheet.align.orientation) return;
    const auto& [centre, side] = *sheet.align.orientation;
    const auto [right, down] = candidate.map.stepsAt(centre);
    const double scale = (std::hypot(right.x, right.y) + std::hypot(down.x, down.y)) / 2;
    const Point expected = candidate.map(centre);
    const auto found = refineFiducial(image, expected, side * scale, FiducialShape::square);
    candidate.orientation_seen = found.has_value();
    if (found) candidate.orientation_residual = distance(*found, expected) / scale;
}

int quarterTurns(const Homography& map, const Template& sheet) {
    const auto right = map.stepsAt({.x = sheet.width / 2, .y = sheet.height / 2}).right;
    const double quarters = std::atan2(right.y, right.x) / 1.5707963267948966;
    return static_cast<int>(std::lround(quarters) + 4) % 4;
}

double medianOffset(const Homography& map, const std::vector<PointPair>& pairs) {
    std::vector<double> offsets;
    for (const auto& [page, pixel] : pairs) {
        const auto right = map.stepsAt(page).right;
        offsets.push_back(distance(map(page), pixel) / std::hypot(right.x, right.y));
    }
    const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>(offsets.size() / 2);
    std::ranges::nth_element(offsets, middle);
    return *middle;
}

[[noreturn]] void refuse(const std::string& why) { throw UnreadableSheet("unreadable: " + why); }

SheetAlignment prove(const GreyImage& image, const Template& sheet, Candidate candidate) {
    const double radius = smallestRadius(sheet);
    SheetAlignment result{.map = candidate.map,
                          .quarter_turns = quarterTurns(candidate.map, sheet),
                          .residual = candidate.orientation_residual,
                          .outline_contrast = candidate.contrast};
    for (const auto& pair : candidate.pairs) result.marks.push_back(pair.to);
    if (candidate.contrast < kLeastContrast) refuse("bubbles are not where the template has them");
    const auto outlines = locateOutlines(image, result.map, sheet, 0.45);
    if (outlines.empty()) refuse("bubbles are not where the template has them");
    const double offset = medianOffset(result.map, outlines);
    result.residual = std::max(result.residual, offset);
    if (result.residual > kMostResidual * radius)
        refuse("the page is bent or another form: marks do not fit together");
    return result;
}

// Three marks know nothing of perspective: the outlines of bubbles have to tell the rest, first
// those that lie far off, then all of them closely.
void learnPerspective(const GreyImage& image, const Template& sheet, Candidate& candidate) {
    for (const double reach : {1.1, 0.6, 0.3}) {
        auto pairs = locateOutlines(image, candidate.map, sheet, reach);
        pairs.insert(pairs.end(), candidate.pairs.begin(), candidate.pairs.end());
        if (const auto map = Homography::fit(pairs)) candidate.map = *map;
    }
}

SheetAlignment alignByFiducials(const GreyImage& image, const Template& sheet) {
    std::optional<Candidate> best;
    double best_score = -1;
    for (const FiducialPlaces& places : findFiducials(image, sheet)) {
        auto candidate = refine(image, sheet, places);
        if (!candidate) continue;
        if (candidate->pairs.size() < places.size()) learnPerspective(image, sheet, *candidate);
        lookAtOrientation(image, sheet, *candidate);
        candidate->contrast = outlineContrast(image, candidate->map, sheet);
        const double score = candidate->contrast + (candidate->orientation_seen ? 0.3 : 0) +
                             0.05 * static_cast<double>(candidate->pairs.size());
        if (score <= best_score) continue;
        best_score = score;
        best = std::move(candidate);
        // Nothing can be better than all marks, the right way up, and outlines all over.
        if (best->pairs.size() == places.size() && best->orientation_seen &&
            best->contrast > 2 * kLeastContrast) {
            break;
        }
    }
    if (!best) refuse("the corner marks were not found");
    return prove(image, sheet, std::move(*best));
}

}  // namespace

SheetAlignment alignSheet(const GreyImage& image, const Template& sheet) {
    return alignByFiducials(image, sheet);
}

}  // namespace sheafline::sheets
