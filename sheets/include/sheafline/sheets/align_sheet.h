// Where the page of a template lies on an image: any of the four directions, turned, skewed, seen
// at an angle, or bent a little. Every map is proved before it is returned, whatever it was found
// by: the printed outlines of the bubbles lie under their places, in every row and column. A sheet
// that fails the proof is rejected, never read.
// Pure; any thread. Throws UnreadableSheet with a reason that a person understands.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct SheetAlignment {
    int width = 0;  // of the image, in pixels
    int height = 0;
    Homography map{};             // from the template's lengths to pixels of the image
    BubbleMoves moves{};          // where the print is bent: how far each bubble lies from the map
    std::vector<Point> marks{};   // fiducials as they were found, in pixels
    int quarter_turns = 0;        // how far the image is turned clockwise
    double residual = 0;          // in the template's lengths: how far proofs lie from their places
    double outline_contrast = 0;  // 0 to 1: how much darker than paper the bubbles' outlines are
    double ring_ratio = 1;        // of the printed outlines to the template's bubbles
    double proof = 1;             // 0 to 1: no answer is more certain than the map
};

// A page that cannot be read. `best` is the closest map, for a picture that shows what does not
// fit.
class SHEAFLINE_API UnreadableSheet : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
    UnreadableSheet(const std::string& why, SheetAlignment nearest)
        : std::runtime_error(why), best(std::move(nearest)) {}

    std::optional<SheetAlignment> best{};
    int page = 0;  // of a form of several pages: the one whose map this is
};

SHEAFLINE_API SheetAlignment alignSheet(const GreyImage& image, const Template& sheet);

}  // namespace sheafline::sheets
