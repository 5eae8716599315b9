// Where on a page a code could be: dark and light in about equal parts, changing every few pixels
// along rows and along columns. Text, rings and rules have more paper; filled bubbles, photos and
// shadows change less often. Pure; any thread.
#pragma once

#include <vector>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// Boxes with room around the code, in pixels of the page; none overlaps another. The whole page
// where it is small, or where a large part of it looks like a code. Empty: the page has no code
// that could be read.
std::vector<PixelBox> codeSpots(const GreyImage& page);

}  // namespace sheafline::sheets
