// A rectangle on a page in shares of its width and height, so that it means the same at every
// resolution: {0.75, 0.05, 0.2, 0.15} lies at the top right.
#pragma once

#include <sheafline/export.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

struct PageBox {
    double x = 0;
    double y = 0;
    double width = 1;
    double height = 1;

    bool operator==(const PageBox&) const = default;
};

// The position of the box after the page was turned clockwise by quarter turns.
SHEAFLINE_API PageBox turned(const PageBox& box, int quarter_turns);

// The pixels that the box touches on a page of this size.
SHEAFLINE_API PixelBox pixelsOf(const PageBox& box, int width, int height);

}  // namespace sheafline::sheets
