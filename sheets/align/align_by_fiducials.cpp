#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "align/find_fiducials.h"
#include "align/page_candidate.h"
#include "align/proof/outline_proof.h"
#include "align/two_marks.h"
#include "marks/apply_filters.h"

namespace sheafline::sheets {

namespace {

constexpr double kPlainContrast = 0.09;  // outlines that are clearly visible

std::optional<PageCandidate> refine(const GreyImage& image, const Template& sheet,
                                    const FiducialPlaces& places, FiducialSearch search) {
    const PageAlignment& align = sheet.align;
    const bool is_rough = search == FiducialSearch::cut_off || search == FiducialSearch::hollow;
    PageCandidate candidate;
    std::vector<PointPair> cut_off;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places.at(i)) candidate.pairs.push_back({align.centres[i], *places.at(i)});
    }
    const auto rough = Homography::fit(candidate.pairs);
    if (!rough) return std::nullopt;
    candidate.pairs.clear();
    // A mark that the search missed may still exist, paler or smudged.
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Point& centre = align.centres[i];
        const auto [right, down] = rough->stepsAt(centre);
        const double side =
            align.side * (std::hypot(right.x, right.y) + std::hypot(down.x, down.y)) / 2;
        if (const auto found = refineFiducial(image, (*rough)(centre), side, align.shape))
            candidate.pairs.push_back({centre, *found});
        else if (is_rough && places.at(i))
            cut_off.push_back({centre, *places.at(i)});
    }
    // The center of a mark that is cut off or hollow is known roughly: the bubbles correct it.
    candidate.pairs.insert(candidate.pairs.end(), cut_off.begin(), cut_off.end());
    const auto map = Homography::fit(candidate.pairs);
    if (!map) return std::nullopt;
    candidate.map = candidate.rough = *map;
    candidate.anchored = cut_off.empty();
    return candidate;
}

// Three marks do not determine the perspective; the outlines of the bubbles do, first the distant
// ones, then all of them more exactly.
void learnPerspective(const GreyImage& image, const Template& sheet, PageCandidate& candidate) {
    for (const double reach : {1.1, 0.6, 0.3}) {
        auto pairs = placesOf(locateOutlines(image, candidate.map, sheet, {.reach = reach}));
        if (candidate.anchored)
            pairs.insert(pairs.end(), candidate.pairs.begin(), candidate.pairs.end());
        if (const auto map = Homography::fit(pairs)) candidate.map = *map;
    }
}

// The best of the constellations on `seen`, which is the image or what was made of it to find
// marks; the print is always checked on the image itself.
std::optional<PageCandidate> bestCandidate(const GreyImage& image, const GreyImage& seen,
                                           const Template& sheet,
                                           std::span<const FiducialSearch> searches) {
    std::optional<PageCandidate> best;
    double best_score = -1;
    for (const auto search : searches) {
        for (const FiducialPlaces& places : findFiducials(seen, sheet, search)) {
            auto candidate = refine(seen, sheet, places, search);
            if (!candidate) continue;
            const bool whole = candidate->anchored && candidate->pairs.size() == places.size();
            if (!whole) learnPerspective(image, sheet, *candidate);
            examine(image, sheet, *candidate);
            const double score = candidate->contrast + (candidate->orientation_seen ? 0.3 : 0) +
                                 0.05 * static_cast<double>(candidate->pairs.size());
            if (score <= best_score) continue;
            best_score = score;
            best = std::move(candidate);
            // Nothing can be better than all marks, the right way up, and outlines all over.
            if (whole && best->orientation_seen && best->contrast > kPlainContrast) return best;
        }
    }
    return best;
}

// Two marks do not determine more than a turn and a scale; the print determines the rest, and
// proves it. The orientation mark says which side of the page they are on.
std::optional<PageCandidate> bestByTwoMarks(const GreyImage& image, const Template& sheet) {
    std::optional<PageCandidate> best;
    double best_score = -1;
    for (const FiducialPlaces& places : placesByTwoMarks(image, sheet)) {
        PageCandidate candidate;
        for (std::size_t i = 0; i < places.size(); ++i)
            candidate.pairs.push_back({sheet.align.centres[i], *places.at(i)});
        const auto map = Homography::fit(candidate.pairs);
        if (!map) continue;
        candidate.map = candidate.rough = *map;
        candidate.anchored = false;
        learnPerspective(image, sheet, candidate);
        examine(image, sheet, candidate);
        const double score = candidate.contrast + (candidate.orientation_seen ? 0.3 : 0);
        if (score <= best_score) continue;
        best_score = score;
        best = std::move(candidate);
    }
    return best;
}

// Marks that are halftoned become grey, and grey ones dark.
GreyImage withSolidMarks(const GreyImage& image, const Template& sheet) {
    const double side = sheet.align.side * std::max(image.width, image.height) /
                        std::max(sheet.width, sheet.height);
    const int blur = std::clamp(static_cast<int>(side / 5) | 1, 3, 15);
    constexpr double kDarken = 1.0 / 3;
    return *applyFilters(image,
                         {{.kind = ImageFilter::Kind::gaussian_blur, .width = blur, .height = blur},
                          {.kind = ImageFilter::Kind::levels, .gamma = kDarken}});
}

}  // namespace

PageCandidate alignByFiducials(const GreyImage& image, const Template& sheet) {
    constexpr std::array kUsual{FiducialSearch::corners, FiducialSearch::everywhere};
    constexpr std::array kCutOff{FiducialSearch::cut_off};
    constexpr std::array kHollow{FiducialSearch::hollow};
    auto best = bestCandidate(image, image, sheet, kUsual);
    const auto isPlain = [&] { return best && best->contrast > 0.5 * kPlainContrast; };
    const auto consider = [&](std::optional<PageCandidate> other) {
        if (other && (!best || other->contrast > best->contrast)) best = std::move(other);
    };
    if (!isPlain()) consider(bestCandidate(image, withSolidMarks(image, sheet), sheet, kUsual));
    if (!isPlain()) consider(bestCandidate(image, image, sheet, kCutOff));
    if (!isPlain()) consider(bestCandidate(image, image, sheet, kHollow));
    // Four marks and the orientation mark are the page, even if it is bent or belongs to another
    // form. With less than that, two marks may be all that there are.
    const bool marks_found =
        best && best->anchored && best->pairs.size() == 4 && best->orientation_seen;
    if (!isPlain() && !marks_found) {
        const auto rate = [](const PageCandidate& candidate) {
            return candidate.contrast + (candidate.orientation_seen ? kPlainContrast : 0);
        };
        auto other = bestByTwoMarks(image, sheet);
        if (other && (!best || rate(*other) > rate(*best))) best = std::move(other);
    }
    if (!best)
        reject(
            "the corner marks were not found; check that the image shows the whole page and is not "
            "too pale");
    return std::move(*best);
}

}  // namespace sheafline::sheets
