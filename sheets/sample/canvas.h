// Draws on a grey page in millimetres, with smooth edges. Ink is a grey level, 0 black to 255
// white.
#pragma once

#include <string_view>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

struct Millimetres {
    double x = 0;
    double y = 0;
};

class Canvas {
 public:
    // Borrows the page, which has a resolution.
    explicit Canvas(GreyImage& page) : page_(page), pixels_per_mm_(page.dpi / 25.4) {}

    void rectangle(Millimetres corner, double width, double height, int ink);
    void disc(Millimetres centre, double radius, int ink, double opacity = 1);
    void ring(Millimetres centre, double radius, double line_width, int ink);
    void stroke(Millimetres from, Millimetres to, double line_width, int ink, double opacity = 1);
    // Capitals, digits and -/.: in a 5 by 7 raster of this height; `from` is the top left corner.
    void text(Millimetres from, double height, std::string_view text, int ink);

 private:
    template <typename Coverage>
    void paint(double left, double top, double right, double bottom, int ink, Coverage coverage);

    GreyImage& page_;
    double pixels_per_mm_;
};

}  // namespace sheafline::sheets
