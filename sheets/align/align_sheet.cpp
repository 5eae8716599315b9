#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <sheafline/sheets/align_sheet.h>

#include "align/find_fiducials.h"
#include "align/follow_print.h"
#include "align/page_candidate.h"
#include "align/proof/faded_print.h"
#include "align/proof/map_proof.h"
#include "align/proof/mark_proof.h"
#include "align/proof/outline_proof.h"
#include "align/proof/why_unproved.h"

namespace sheafline::sheets {

namespace {

int quarterTurns(const Homography& map, const Template& sheet) {
    const auto right = map.stepsAt({.x = sheet.width / 2, .y = sheet.height / 2}).right;
    const double quarters = std::atan2(right.y, right.x) / 1.5707963267948966;
    return static_cast<int>(std::lround(quarters) + 4) % 4;
}

PageCandidate findPage(const GreyImage& image, const Template& sheet) {
    switch (sheet.align.by) {
        case AlignBy::fiducials:
            return sheet.align.shape == FiducialShape::corner ? alignByPictures(image, sheet)
                                                              : alignByFiducials(image, sheet);
        case AlignBy::image:
            return alignByPictures(image, sheet);
        case AlignBy::page:
            return alignByPage(image, sheet);
        case AlignBy::whole:
            break;
    }
    return alignByImage(image, sheet);
}

[[noreturn]] void rejectMap(const std::string& why, const SheetAlignment& best) {
    throw UnreadableSheet("unreadable: " + why, best);
}

Homography upsideDown(const Template& sheet) {
    return Homography({-1, 0, sheet.width, 0, -1, sheet.height, 0, 0, 1});
}

// For a form that looks the same upside down, only its orientation mark shows the direction.
void proveDirection(const MapProver& prover, const Template& sheet, const PageCandidate& page,
                    const SheetAlignment& aligned, const MapProof& proof) {
    constexpr double kAsPlain = 0.8;
    if (page.orientation_seen) return;
    const MapProof other = prover.glance(page.map.after(upsideDown(sheet)), {}, page.style);
    if (other.onPrint() && other.mean > kAsPlain * proof.mean)
        rejectMap(
            "the orientation is unknown: the form looks the same upside down; add align: "
            "orientation to the template",
            aligned);
}

// If outlines are not visible: marks at the corners, and answers in the middle of their bubbles.
void proveWithoutPrint(const GreyImage& image, const Template& sheet, SheetAlignment& aligned,
                       const MapProof& print) {
    constexpr double kConfidence = 0.98;
    const bool by_marks = sheet.align.by == AlignBy::fiducials || sheet.align.by == AlignBy::image;
    if (!by_marks) rejectMap(whyUnproved(image, sheet, aligned.map, print), aligned);
    const MarkProof marks = proveByMarks(image, aligned, sheet);
    if (!marks.holds())
        rejectMap(
            "the outlines of the bubbles are not visible, and there are too few clear answers to "
            "verify the position of the page",
            aligned);
    const MarkProof other =
        proveByMarks(image, {.map = aligned.map.after(upsideDown(sheet))}, sheet);
    if (other.plain > 0.6 * marks.plain && other.holds())
        rejectMap("the orientation is unknown; add align: orientation to the template", aligned);
    aligned.outline_contrast = 0;
    aligned.proof = kConfidence;
}

// If the outlines are visible in parts only: all of them together. The confidence is limited,
// because fewer traces prove less.
bool provenByFadedPrint(const GreyImage& image, const Template& sheet, const PageCandidate& page,
                        SheetAlignment& aligned) {
    constexpr double kConfidence = 0.99;
    constexpr double kExact = 0.15;  // half widths: up to it, nothing is lost
    const bool by_marks = sheet.align.by == AlignBy::fiducials || sheet.align.by == AlignBy::image;
    if (!by_marks || !page.anchored || page.pairs.size() != 4) return false;
    const FadedProof proof = proveFadedPrint(image, page.map, sheet, page.style);
    if (!proof.holds) return false;
    if (!page.orientation_seen &&
        proveFadedPrint(image, page.map.after(upsideDown(sheet)), sheet, page.style).holds)
        rejectMap("the orientation is unknown; add align: orientation to the template", aligned);
    aligned.moves.clear();
    aligned.ring_ratio = page.style.ratio;
    aligned.outline_contrast = proof.mean;
    aligned.residual = std::max(aligned.residual, proof.residual * sheet.fields[0].half_width);
    aligned.proof = kConfidence - std::max(0.0, proof.residual - kExact);
    return true;
}

struct ProvedMap {
    RingStyle style{};
    MapProof proof{};
    BubbleMoves moves{};

    bool isExact() const {
        constexpr double kExact = 0.12;  // half widths: nothing to follow
        constexpr double kExactLine = 0.2;
        return proof.holds() && proof.worst_block <= kExact && proof.worst_line <= kExactLine;
    }
};

// The outlines may be printed somewhat larger or smaller than the template has them.
RingStyle plainestStyle(const MapProver& prover, const PageCandidate& page,
                        const BubbleMoves& moves) {
    constexpr double kClearly = 1.1;
    RingStyle best = page.style;
    double most = kClearly * prover.glance(page.map, moves, best).mean;
    for (const double ratio : {0.88, 1.12, 1.25}) {
        const RingStyle style{.ratio = ratio * page.style.ratio, .shape = page.style.shape};
        const double mean = prover.glance(page.map, moves, style).mean;
        if (mean <= most) continue;
        most = mean;
        best = style;
    }
    return best;
}

// The map as it is, or bent to the print if that fits better.
ProvedMap proveOrFollow(const GreyImage& image, const Template& sheet, const MapProver& prover,
                        const PageCandidate& page) {
    const auto flat = [&](const RingStyle& style) {
        return ProvedMap{.style = style, .proof = prover.prove(page.map, {}, style)};
    };
    const auto bent = [&](const RingStyle& style) {
        ProvedMap map{.style = style, .moves = followPrint(image, page.map, sheet, style)};
        map.proof = prover.prove(page.map, map.moves, style);
        return map;
    };
    ProvedMap best = flat(page.style);
    if (best.isExact()) return best;
    if (ProvedMap other = flat(plainestStyle(prover, page, {})); other.isExact()) return other;
    const auto consider = [&](ProvedMap other) {
        const bool better = !best.proof.holds() || other.proof.worst() < 0.7 * best.proof.worst();
        if (other.proof.holdsBent() && better) best = std::move(other);
    };
    consider(bent(page.style));
    if (!best.isExact()) consider(bent(plainestStyle(prover, page, best.moves)));
    return best;
}

constexpr std::size_t kFewestBubbles = 5;  // that prove a page without fiducials

void proveByPrint(const GreyImage& image, const Template& sheet, const PageCandidate& page,
                  SheetAlignment& aligned) {
    const MapProver prover(image, sheet);
    const ProvedMap best = proveOrFollow(image, sheet, prover, page);
    const MapProof& proof = best.proof;
    aligned.moves = best.moves;
    aligned.ring_ratio = best.style.ratio;
    if (!proof.holds() && !sheet.align.outlined)
        return proveWithoutPrint(image, sheet, aligned, proof);
    aligned.outline_contrast = proof.contrast;
    if (!proof.holds() && provenByFadedPrint(image, sheet, page, aligned)) return;
    if (!proof.holds()) {
        const bool by_marks =
            sheet.align.by == AlignBy::fiducials || sheet.align.by == AlignBy::image;
        rejectMap(by_marks && !isPlausible(aligned.map, image, sheet)
                      ? "the corner marks were not found; check that the image shows the whole page"
                      : whyUnproved(image, sheet, aligned.map, proof),
                  aligned);
    }
    aligned.proof = proof.confidence();
    aligned.residual = std::max(aligned.residual, proof.residual * sheet.fields[0].half_width);
    const bool anchored = sheet.align.by == AlignBy::fiducials && page.anchored;
    if (!anchored && prover.count() < kFewestBubbles)
        rejectMap("there are too few bubbles to verify the position of the page; print fiducials",
                  aligned);
    if (!anchored && prover.fitsElsewhere(page.map, page.rough, best.style, proof))
        rejectMap(
            "the bubbles would also fit one row or column further; the position of the page is "
            "uncertain",
            aligned);
    proveDirection(prover, sheet, page, aligned, proof);
}

}  // namespace

bool isPlausible(const Homography& map, const GreyImage& image, const Template& sheet) {
    constexpr double kLeastShare = 0.35;
    const std::array corners{map({0, 0}), map({sheet.width, 0}), map({sheet.width, sheet.height}),
                             map({0, sheet.height})};
    double area = 0;
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const Point from = corners.at(i);
        const Point to = corners.at((i + 1) % corners.size());
        area += (from.x * to.y - to.x * from.y) / 2;
    }
    return area > kLeastShare * image.width * image.height;
}

void reject(const std::string& why) { throw UnreadableSheet("unreadable: " + why); }

void examine(const GreyImage& image, const Template& sheet, PageCandidate& candidate) {
    candidate.contrast = outlineContrast(image, candidate.map, sheet);
    if (!sheet.align.orientation) return;
    const auto& [centre, side] = *sheet.align.orientation;
    const auto [right, down] = candidate.map.stepsAt(centre);
    const double scale = (std::hypot(right.x, right.y) + std::hypot(down.x, down.y)) / 2;
    const Point expected = candidate.map(centre);
    const auto found = refineFiducial(image, expected, side * scale, FiducialShape::square);
    candidate.orientation_seen = found.has_value();
    candidate.orientation_residual = found ? distance(*found, expected) / scale : 0;
}

SheetAlignment alignSheet(const GreyImage& image, const Template& sheet) {
    constexpr int kLeastSide = 32;  // pixels: less is no page
    if (std::min(image.width, image.height) < kLeastSide) reject("the image is too small");
    const PageCandidate page = findPage(image, sheet);
    SheetAlignment result{.map = page.map,
                          .quarter_turns = quarterTurns(page.map, sheet),
                          .residual = page.orientation_residual,
                          .outline_contrast = page.contrast};
    for (const auto& pair : page.pairs) result.marks.push_back(pair.to);
    proveByPrint(image, sheet, page, result);
    return result;
}

}  // namespace sheafline::sheets
