// Boxes of fields on a page, for a picture of an answer with what is around it. Pure.
#pragma once

#include <vector>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

PixelBox together(const PixelBox& one, const PixelBox& other);

// `box` with up to `rows` fields above and below it, of those of its height in the same columns of
// the page, and the labels to the left of them. The result may exceed the page.
PixelBox withRowsAround(const PixelBox& box, const std::vector<PixelBox>& fields, int rows);

}  // namespace sheafline::sheets
