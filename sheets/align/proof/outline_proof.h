// Measures how well a page map fits the printed outlines of the bubbles, and improves it. Pure.
#pragma once

#include <optional>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/ring_probe.h"

namespace sheafline::sheets {

// How much darker than the paper outside they are, as a share of it: the lower quartile over a
// sample of bubbles. Near 0 if the map is wrong.
double outlineContrast(const GreyImage& image, const Homography& map, const Template& sheet);

struct OutlineSearch {
    double reach = 0.45;  // how far from the position on the map, in half sizes of a bubble
    RingStyle style{};
};

struct LocatedOutline {
    PointPair place{};  // from the template's lengths to pixels
    double contrast = 0;
};

// The actual positions of bubbles all over the page, without those whose outline is not visible.
std::vector<LocatedOutline> locateOutlines(const GreyImage& image, const Homography& map,
                                           const Template& sheet, const OutlineSearch& search);

std::vector<PointPair> placesOf(const std::vector<LocatedOutline>& outlines);

// How far they typically lie from where the map says, in the template's lengths.
double medianOffset(const Homography& map, const std::vector<PointPair>& places);

// A map moved to where the outlines of bubbles really are, whatever their size and shape is.
struct SnappedMap {
    Homography map{};
    RingStyle style{};
    double contrast = 0;  // of the outlines
};

// Nothing where no outlines are printed, or not enough of them agree.
std::optional<SnappedMap> snapToOutlines(const GreyImage& image, const Homography& map,
                                         const Template& sheet);

}  // namespace sheafline::sheets
