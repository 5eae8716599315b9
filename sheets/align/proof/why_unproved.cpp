#include "align/proof/why_unproved.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "align/bubble_list.h"
#include "align/ring_probe.h"
#include "geometry/quantile.h"

namespace sheafline::sheets {

namespace {

constexpr const char* kCheck =
    "; check that the sheet belongs to the template and that the image shows the whole page";

struct LineSight {
    double outside = 0;    // share of the bubbles that lie beside the image
    double displaced = 0;  // share of those whose outline is found aside
};

LineSight lookAt(const GreyImage& image, const Template& sheet, const Homography& map,
                 const std::vector<std::size_t>& bubbles) {
    constexpr double kAround = 0.9;  // half widths
    constexpr double kAside = 0.3;
    LineSight sight;
    const auto outlines = outlinesOf(sheet, {}, {});
    const double each = 1.0 / static_cast<double>(bubbles.size());
    for (const std::size_t bubble : bubbles) {
        const Outline& outline = outlines[bubble];
        const Point at = map(outline.centre);
        if (at.x < 0 || at.y < 0 || at.x >= image.width || at.y >= image.height) {
            sight.outside += each;
            continue;
        }
        const auto found = findOutline(image, map, outline, kAround);
        if (!found) continue;
        const Point off = map.onPage(outline.centre, found->shift);
        if (std::hypot(off.x / outline.half_width, off.y / outline.half_height) > kAside)
            sight.displaced += each;
    }
    return sight;
}

}  // namespace

std::string whyUnproved(const GreyImage& image, const Template& sheet, const Homography& map,
                        const MapProof& proof) {
    constexpr double kMost = 0.6;
    constexpr double kSeenElsewhere = 0.5;  // of all bubbles: the map is right for these
    if (!proof.weakest_line.empty()) {
        const LineSight sight = lookAt(image, sheet, map, proof.weakest_line);
        if (sight.outside >= kMost)
            return "the image ends before the positions of " + proof.where +
                   "; scan the whole page";
        if (sight.displaced >= kMost && proof.seen >= kSeenElsewhere)
            return "the bubbles of " + proof.where +
                   " are printed beside their positions, because the page slipped or was stretched "
                   "in the scanner, or belongs to another form; scan it again";
    }
    if (proof.seen < 0.2)
        return "the bubbles are not at the positions of the template" + std::string(kCheck);
    if (!proof.onPrint())
        return "no bubbles are printed at the positions of " + proof.where + kCheck;
    return "the page is bent or belongs to another form: its bubbles are more than a quarter of "
           "their radius away from the positions of the template";
}

}  // namespace sheafline::sheets
