// Two corner marks of one side of the page, if the other two are hidden: under a dark edge of the
// scan or a fold, or cut off. Pure.
#pragma once

#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/find_fiducials.h"

namespace sheafline::sheets {

// All four positions, of which two are seen, and the others are where these two have them; the most
// likely ones first. Only for scans, in which the page fills the image.
std::vector<FiducialPlaces> placesByTwoMarks(const GreyImage& page, const Template& sheet);

}  // namespace sheafline::sheets
