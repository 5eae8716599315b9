// A page as seen through a map, small enough to search on. Pure.
#pragma once

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// `map` leads from pixels of the result to pixels of `image`; where it leads outside, the nearest
// pixel stands. Meant for maps that do not shrink much: shrink the image first.
GreyImage warp(const GreyImage& image, const Homography& map, int width, int height);

}  // namespace sheafline::sheets
