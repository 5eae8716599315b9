// Finds a small picture on a page by normalised cross-correlation: its size is known approximately,
// its position not at all. Pure.
#pragma once

#include <optional>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

struct PictureSearch {
    PixelBox region{};     // where its centre may lie
    double low_width = 0;  // pixels
    double high_width = 0;
};

struct FoundPicture {
    Point centre{};
    double width = 0;
    double likeness = 0;  // 1 the same, 0 nothing in common
};

// The most similar position; empty if there is none.
std::optional<FoundPicture> findPicture(const GreyImage& page, const GreyImage& picture,
                                        const PictureSearch& search);

}  // namespace sheafline::sheets
