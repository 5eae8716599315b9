// Where the four marks of a template lie on a page: any direction, some perspective, one of them
// may be missing. Looks for spots of the right size whose places fit together; which of the
// directions it is, is for the caller to tell.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// For each of the template's marks, its centre in pixels of the page.
using FiducialPlaces = std::array<std::optional<Point>, 4>;

enum class FiducialSearch {
    corners,  // where a scanner has them, the page as large as the image: all four or nothing
    everywhere,
};

// Constellations that fit, best first: those with all marks before those with three.
std::vector<FiducialPlaces> findFiducials(const GreyImage& page, const Template& sheet,
                                          FiducialSearch search);

// The centre to a fraction of a pixel, from around a place that is nearly right; `side` is the
// mark's in pixels. Nothing where what lies there has not the shape of the mark.
std::optional<Point> refineFiducial(const GreyImage& page, Point place, double side,
                                    FiducialShape shape);

}  // namespace sheafline::sheets
