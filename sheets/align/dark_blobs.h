// Connected dark spots of a small page, each against the paper around it.
#pragma once

#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

struct DarkBlob {
    PixelBox box{};
    int area = 0;
    Point centre{};  // pixel centres count as half: the first pixel's is 0.5

    double fill() const { return static_cast<double>(area) / (box.width * box.height); }
};

// A pixel is dark below `share` of its paper; `reach` is the distance in pixels over which paper is
// looked for, and should be larger than the spots.
std::vector<DarkBlob> findDarkBlobs(const GreyImage& image, double share, int reach);

}  // namespace sheafline::sheets
