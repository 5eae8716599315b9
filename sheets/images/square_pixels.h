// Fax machines and some scanners have fewer rows than columns for each inch (204 x 98 dpi). Such a
// page is made to have square pixels, so that a circle is a circle. Pure.
#pragma once

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

struct PixelStretch {
    double across = 1;  // pixels of the result for one column
    double down = 1;    // and for one row

    // From the resolutions of a file; 1 where one is unknown, or where they differ by little or by
    // more than any scanner has.
    static PixelStretch of(double dpi_across, double dpi_down);

    bool none() const { return across == 1 && down == 1; }
    int width(int columns) const;
    int height(int rows) const;
};

GreyImage stretched(const GreyImage& image, const PixelStretch& stretch);

}  // namespace sheafline::sheets
