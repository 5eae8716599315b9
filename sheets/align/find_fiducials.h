// Where the four marks of a template lie on a page: any direction, some perspective, one of them
// may be missing. Searches for spots of the right size whose positions fit together; the caller
// decides which direction is right.
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
    corners,  // at the positions in a scan, in which the page fills the image: all four or nothing
    everywhere,
    cut_off,  // everywhere, also squares of which the outer part is missing
    hollow,   // everywhere, only squares of which the outline is left
};

// Constellations that fit, best first: those with all marks before those with three.
std::vector<FiducialPlaces> findFiducials(const GreyImage& page, const Template& sheet,
                                          FiducialSearch search);

// The center to a fraction of a pixel, starting at an approximate position; `side` is the mark's
// side in pixels. Empty if the shape there is not that of the mark.
std::optional<Point> refineFiducial(const GreyImage& page, Point place, double side,
                                    FiducialShape shape);

}  // namespace sheafline::sheets
