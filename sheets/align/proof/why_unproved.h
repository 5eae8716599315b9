// One sentence for a person: why a page map is not proved, and what to do.
#pragma once

#include <string>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/proof/map_proof.h"

namespace sheafline::sheets {

std::string whyUnproved(const GreyImage& image, const Template& sheet, const Homography& map,
                        const MapProof& proof);

}  // namespace sheafline::sheets
