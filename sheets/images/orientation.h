// The eight orientations of EXIF and TIFF (tag 0x0112): a page is stored mirrored or not, and then
// needs quarter turns to stand upright.
#pragma once

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

class Orientation {
 public:
    // `tag` from 1 to 8; anything else counts as 1, upright.
    explicit Orientation(int tag = 1);

    bool swapsSides() const { return quarter_turns_ % 2 == 1; }
    GreyImage upright(GreyImage stored) const;
    // Where a box of the upright page lies in the stored one of this width and height.
    PixelBox stored(PixelBox upright, int stored_width, int stored_height) const;

 private:
    bool mirrored_ = false;  // left and right, before the turns
    int quarter_turns_ = 0;  // clockwise
};

}  // namespace sheafline::sheets
