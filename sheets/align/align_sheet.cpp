#include <algorithm>
#include <cmath>
#include <cstddef>

#include <sheafline/sheets/align_sheet.h>

#include "align/find_fiducials.h"
#include "align/outline_proof.h"
#include "align/page_candidate.h"

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

}  // namespace

void refuse(const std::string& why) { throw UnreadableSheet("unreadable: " + why); }

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
    if (std::min(image.width, image.height) < kLeastSide) refuse("the image is too small");
    const PageCandidate page = findPage(image, sheet);
    SheetAlignment result{.map = page.map,
                          .quarter_turns = quarterTurns(page.map, sheet),
                          .residual = page.orientation_residual,
                          .outline_contrast = page.contrast};
    for (const auto& pair : page.pairs) result.marks.push_back(pair.to);
    if (!sheet.align.outlined) return result;
    if (page.contrast < kLeastContrast) refuse("bubbles are not where the template has them");
    const auto outlines = placesOf(locateOutlines(image, result.map, sheet, {}));
    if (outlines.empty()) refuse("bubbles are not where the template has them");
    result.residual = std::max(result.residual, medianOffset(result.map, outlines));
    if (result.residual > kMostResidual * smallestRadius(sheet))
        refuse("the page is bent or another form: marks do not fit together");
    return result;
}

}  // namespace sheafline::sheets
