// The image of a page as a file, with its compressed pixels as they are in the PDF where an image
// format has the same compression.
#pragma once

#include <cstdint>
#include <string>

#include "page_content.h"

namespace sheafline::pdf {

struct PageImage {
    std::string file{};  // a JPEG, PNG or TIFF; empty if it cannot be taken out
    std::string why{};   // why not: the page must be drawn
};

PageImage imageOf(const PlacedImage& placed, std::uint64_t max_bytes);

}  // namespace sheafline::pdf
