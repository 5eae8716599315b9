// Follows print that does not lie where a plane perspective would have it: paper that is bowed,
// a page that slipped in the copier. Pure.
#pragma once

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/ring_probe.h"

namespace sheafline::sheets {

// How far each bubble lies from where the map has it. First the page as a whole is tried bowed by
// up to 3.5 mm, then a smooth surface is laid through the outlines, then each bubble follows its
// neighbors. Whether the result is right is for the proof to say.
BubbleMoves followPrint(const GreyImage& image, const Homography& map, const Template& sheet,
                        const RingStyle& style);

}  // namespace sheafline::sheets
