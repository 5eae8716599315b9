// Where the page of a template lies on an image: any of the four directions, turned, skewed or
// seen at an angle. The map is proved before it is handed out, by marks that it was not made from
// and by the printed outlines of bubbles: a sheet that fails the proof is refused, never read.
// Pure; any thread. Throws UnreadableSheet with a reason that a person understands.
#pragma once

#include <stdexcept>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

class UnreadableSheet : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

struct SheetAlignment {
    Homography map{};             // from the template's lengths to pixels of the image
    std::vector<Point> marks{};   // fiducials as they were found, in pixels
    int quarter_turns = 0;        // how far the image stands turned clockwise
    double residual = 0;          // in the template's lengths: how far proofs lie from their places
    double outline_contrast = 0;  // 0 to 1: how much darker than paper the bubbles' outlines are
};

SheetAlignment alignSheet(const GreyImage& image, const Template& sheet);

}  // namespace sheafline::sheets
