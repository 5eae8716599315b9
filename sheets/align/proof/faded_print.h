// The proof of a page map on a scan whose printed outlines are visible in parts only, as where the
// threshold of a black and white scan erased pale print. No single outline proves anything there,
// but all of a block do together: a pattern of outlines lies at the block's place and not beside
// it, and each row and column has its part of it. Only for pages whose corner marks were all found.
// Pure.
#pragma once

#include <string>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/ring_probe.h"

namespace sheafline::sheets {

struct FadedProof {
    bool holds = false;
    double mean = 0;      // contrast of the outlines of empty bubbles, without the strongest
    double residual = 0;  // how far the block that fits worst lies from its place, in half widths
};

FadedProof proveFadedPrint(const GreyImage& image, const Homography& map, const Template& sheet,
                           const RingStyle& style);

}  // namespace sheafline::sheets
