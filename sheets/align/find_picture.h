// Finds a small picture on a page by normalised cross-correlation: its size is known roughly, its
// place not at all. Pure.
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

// The likest place, or nothing where nothing is like it at all.
std::optional<FoundPicture> findPicture(const GreyImage& page, const GreyImage& picture,
                                        const PictureSearch& search);

}  // namespace sheafline::sheets
