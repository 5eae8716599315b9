// What a form is drawn on: a PDF, or a picture for a preview. Millimeters from the top left corner
// of the template's page. One thread.
#pragma once

#include <string>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

enum class Face { plain, bold };
enum class Align { left, middle, right };

class Drawing {
 public:
    virtual ~Drawing() = default;

    virtual void ink(double grey) = 0;  // 0 black to 1 white, of all that follows on the page
    virtual void rectangle(double x, double y, double width, double height) = 0;  // filled
    virtual void frame(double x, double y, double width, double height, double line) = 0;
    virtual void ellipse(Point centre, double half_width, double half_height, double line) = 0;
    virtual void disc(Point centre, double radius) = 0;
    virtual void line(Point from, Point to, double line) = 0;
    // `size` is the height of a capital; `at` is on the base line.
    virtual void text(Point at, double size, const std::string& text, Face face = Face::plain,
                      Align align = Align::left) = 0;
    virtual double widthOf(const std::string& text, double size, Face face = Face::plain) = 0;
    virtual void picture(const GreyImage& image, double x, double y, double width,
                         double height) = 0;  // fitted into the box
};

}  // namespace sheafline::sheets
