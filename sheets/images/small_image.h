// A page made small, to look for marks on: block means, so that noise goes with the size.
#pragma once

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// `factor` pixels across and down become one; what is left over at the right and below is cut off.
GreyImage shrink(const GreyImage& image, int factor);

}  // namespace sheafline::sheets
