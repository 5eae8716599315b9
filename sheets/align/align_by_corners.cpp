// Pages of which four corners are known, but not which of them is the top left.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "align/find_picture.h"
#include "align/page_candidate.h"
#include "align/page_outline.h"
#include "align/proof/map_proof.h"
#include "align/proof/mark_proof.h"
#include "align/proof/outline_proof.h"
#include "geometry/warp.h"
#include "images/small_image.h"

namespace sheafline::sheets {

namespace {

using Corners = std::array<Point, 4>;  // clockwise from the image's top left

// The difference between the stretch across and down: it is large if the page lies on its side.
double stretch(const Homography& map, const Template& sheet) {
    const auto [right, down] = map.stepsAt({.x = sheet.width / 2, .y = sheet.height / 2});
    return std::abs(std::log(std::hypot(right.x, right.y) / std::hypot(down.x, down.y)));
}

// Rates a direction, and improves the map: the outline of the paper is only a rough guide, and the
// bubbles are more exact. Without printed bubbles, the answers decide.
double examineDirection(const GreyImage& image, const Template& sheet, PageCandidate& candidate) {
    const MapProver prover(image, sheet);
    MapProof best = prover.glance(candidate.map, {}, candidate.style);
    if (const auto snapped = snapToOutlines(image, candidate.map, sheet)) {
        const MapProof there = prover.glance(snapped->map, {}, snapped->style);
        if (there.onPrint() && there.mean * there.seen > best.mean * best.seen) {
            candidate.map = snapped->map;
            candidate.style = snapped->style;
            best = there;
        }
    }
    examine(image, sheet, candidate);
    candidate.outlines_found = best.onPrint();
    const double orientation = candidate.orientation_seen ? 0.3 : 0;
    if (best.onPrint()) return orientation + 0.2 + best.mean * best.seen;
    return orientation + 0.1 * proveByMarks(image, {.map = candidate.map}, sheet).plain +
           0.1 * best.mean * best.seen;
}

PageCandidate chooseDirection(const GreyImage& image, const Template& sheet,
                              const Corners& corners) {
    // Where two directions are alike, the proof rejects both.
    constexpr double kUpright = 0.001;
    std::optional<PageCandidate> best;
    double best_score = -1e9;
    for (std::size_t turns = 0; turns < corners.size(); ++turns) {
        PageCandidate candidate;
        for (std::size_t i = 0; i < corners.size(); ++i) {
            candidate.pairs.push_back(
                {sheet.align.centres[i], corners.at((i + turns) % corners.size())});
        }
        const auto map = Homography::fit(candidate.pairs);
        if (!map) continue;
        candidate.map = *map;
        candidate.rough = *map;
        const double score = examineDirection(image, sheet, candidate) -
                             0.3 * stretch(*map, sheet) + (turns == 0 ? kUpright : 0);
        if (score <= best_score) continue;
        best_score = score;
        best = std::move(candidate);
    }
    if (!best) reject("its corners do not make a page");
    return std::move(*best);
}

Corners cornersOf(const GreyImage& image) {
    const double right = image.width;
    const double bottom = image.height;
    return {{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}};
}

Corners outlineOf(const GreyImage& image) {
    const auto corners = findPageOutline(image);
    if (!corners) reject("the outline of the paper was not found");
    return *corners;
}

// The part of an image that holds the page, straightened.
struct StraightPage {
    GreyImage image{};
    Homography map{};  // from its pixels to those of the image
};

StraightPage straighten(const GreyImage& image, const Corners& corners, double width) {
    const double across = (distance(corners[0], corners[1]) + distance(corners[3], corners[2])) / 2;
    const double down = (distance(corners[0], corners[3]) + distance(corners[1], corners[2])) / 2;
    const double right = std::min(width, across);
    const double bottom = right * down / across;
    const std::array<PointPair, 4> pairs{{{{0, 0}, corners[0]},
                                          {{right, 0}, corners[1]},
                                          {{right, bottom}, corners[2]},
                                          {{0, bottom}, corners[3]}}};
    const auto map = Homography::fit(pairs);
    if (!map || right < 32 || bottom < 32) reject("its corners do not make a page");
    // Shrunk by whole steps first: the warp looks at single pixels.
    const int factor = std::max(1, static_cast<int>(across / right));
    const auto rows = map->rows();
    const Homography on_small({rows[0] / factor, rows[1] / factor, rows[2] / factor,
                               rows[3] / factor, rows[4] / factor, rows[5] / factor, rows[6],
                               rows[7], rows[8]});
    return {.image = warp(shrink(image, factor), on_small, static_cast<int>(right),
                          static_cast<int>(bottom)),
            .map = *map};
}

// The picture by which a corner is found, and the position of the template's point in it.
struct CornerPicture {
    GreyImage picture{};
    Point anchor{};  // from the picture's middle, in widths of it
};

// Two lines that meet in the template's point and run inwards along the page, with paper around.
CornerPicture drawCorner(const PageAlignment& align, std::size_t corner) {
    constexpr int kSize = 72;
    constexpr int kMargin = kSize / 6;  // a quarter of an arm
    constexpr int kArm = 4 * kMargin;
    const int half_line =
        std::max(1, static_cast<int>(std::lround(align.line / align.side * kArm / 2)));
    GreyImage picture = blankImage(kSize, kSize);
    const auto paint = [&](int left, int top, int right, int bottom) {
        for (int y = top; y < bottom; ++y) {
            for (int x = left; x < right; ++x) {
                const int at_x = corner == 1 || corner == 2 ? kSize - 1 - x : x;
                const int at_y = corner >= 2 ? kSize - 1 - y : y;
                picture.row(at_y)[static_cast<std::size_t>(at_x)] = 0;
            }
        }
    };
    paint(kMargin - half_line, kMargin - half_line, kMargin + kArm, kMargin + half_line);
    paint(kMargin - half_line, kMargin - half_line, kMargin + half_line, kMargin + kArm);
    constexpr double kOff = 1.0 / 3;  // from the middle of the picture to where the lines meet
    return {.picture = std::move(picture),
            .anchor = {.x = corner == 1 || corner == 2 ? kOff : -kOff,
                       .y = corner >= 2 ? kOff : -kOff}};
}

// First on a small page, then closely on one of nearly the image's own size.
Point locatePicture(const StraightPage& rough, const StraightPage& fine, const Template& sheet,
                    std::size_t corner) {
    const PageAlignment& align = sheet.align;
    const CornerPicture wanted = align.by == AlignBy::image
                                     ? CornerPicture{.picture = align.picture}
                                     : drawCorner(align, corner);
    const int half_width = rough.image.width / 2;
    const int half_height = rough.image.height / 2;
    const PixelBox quarter{corner == 1 || corner == 2 ? half_width : 0,
                           corner >= 2 ? half_height : 0, half_width, half_height};
    const auto found = findPicture(rough.image, wanted.picture,
                                   {.region = quarter,
                                    .low_width = align.least_width * rough.image.width,
                                    .high_width = align.most_width * rough.image.width});
    if (!found) reject("a corner mark was not found");
    const double scale = static_cast<double>(fine.image.width) / rough.image.width;
    const int reach = static_cast<int>(3 * scale) + 2;
    const auto closely = findPicture(
        fine.image, wanted.picture,
        {.region = {static_cast<int>(found->centre.x * scale) - reach,
                    static_cast<int>(found->centre.y * scale) - reach, 2 * reach, 2 * reach},
         .low_width = found->width * scale * 0.94,
         .high_width = found->width * scale * 1.07});
    const auto point = [&](const FoundPicture& at) {
        return Point{.x = at.centre.x + wanted.anchor.x * at.width,
                     .y = at.centre.y + wanted.anchor.y * at.width};
    };
    return closely ? fine.map(point(*closely)) : rough.map(point(*found));
}

}  // namespace

PageCandidate alignByPage(const GreyImage& image, const Template& sheet) {
    return chooseDirection(image, sheet, outlineOf(image));
}

PageCandidate alignByImage(const GreyImage& image, const Template& sheet) {
    return chooseDirection(image, sheet, cornersOf(image));
}

PageCandidate alignByPictures(const GreyImage& image, const Template& sheet) {
    constexpr double kRoughWidth = 420;
    constexpr double kFineWidth = 1400;
    const Corners paper = sheet.align.crop_page ? outlineOf(image) : cornersOf(image);
    const StraightPage rough = straighten(image, paper, kRoughWidth);
    const StraightPage fine = straighten(image, paper, kFineWidth);
    Corners corners{};
    for (std::size_t i = 0; i < corners.size(); ++i)
        corners.at(i) = locatePicture(rough, fine, sheet, i);
    return chooseDirection(image, sheet, corners);
}

}  // namespace sheafline::sheets
