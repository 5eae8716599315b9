// Draws a form as a picture: with the letters of samples, without pictures. One thread.
#pragma once

#include "print/drawing.h"
#include "sample/canvas.h"

namespace sheafline::sheets {

class PreviewPage : public Drawing {
 public:
    PreviewPage(double width, double height, int dpi);

    const GreyImage& image() const { return page_; }

    void ink(double grey) override;
    void rectangle(double x, double y, double width, double height) override;
    void frame(double x, double y, double width, double height, double line) override;
    void ellipse(Point centre, double half_width, double half_height, double line) override;
    void disc(Point centre, double radius) override;
    void line(Point from, Point to, double line) override;
    void text(Point at, double size, const std::string& text, Face face, Align align) override;
    double widthOf(const std::string& text, double size, Face face) override;
    void picture(const GreyImage& image, double x, double y, double width, double height) override;

 private:
    GreyImage page_;
    Canvas canvas_;
    int ink_ = 0;
};

}  // namespace sheafline::sheets
