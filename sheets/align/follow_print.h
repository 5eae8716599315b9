// Follows print that a plane perspective does not describe: bowed paper, a page that slipped in the
// copier. Pure.
#pragma once

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/ring_probe.h"

namespace sheafline::sheets {

// The distance of each bubble from its position on the map. First tries a bow of the whole page of
// up to 3.5 mm, then fits a smooth surface through the outlines, then lets each bubble follow its
// neighbors. The proof decides whether the result is right.
BubbleMoves followPrint(const GreyImage& image, const Homography& map, const Template& sheet,
                        const RingStyle& style);

}  // namespace sheafline::sheets
