// Proves a map by what is printed on every sheet: the outlines of its bubbles. Pure.
#pragma once

#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// How much darker than the paper outside they are, as a share of it: the lower quartile over a
// sample of bubbles. Near 0 where the map leads astray.
double outlineContrast(const GreyImage& image, const Homography& map, const Template& sheet);

// Where bubbles spread over the page really lie, not farther from where the map says than `reach`
// times their size: from the template's lengths to pixels. Those that show no outline are left out.
std::vector<PointPair> locateOutlines(const GreyImage& image, const Homography& map,
                                      const Template& sheet, double reach);

}  // namespace sheafline::sheets
