// The drawing over one page: its corner marks, images and bubbles, with what was read of them.
// Refers to the template and the reading. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/template.h>

#include "overlay/colour_image.h"

namespace sheafline::sheets {

class PageOverlay {
 public:
    PageOverlay(const GreyImage& page, const Template& sheet, const SheetReading& reading);

    const ColourImage& image() const { return image_; }

    // Of a map that was rejected: where the outlines of the bubbles really are, and where none is.
    void drawFoundOutlines(const GreyImage& page);

    // Of a map that cannot be right: where the corner marks would be on a page that fills the
    // image.
    void drawExpectedMarks();

    // Above the picture, where it hides nothing; to be called last.
    void addHeading(const std::vector<std::string>& paragraphs);

    PixelBox boxOf(std::size_t field) const;

 private:
    // Turns points with the page, clockwise by quarters.
    struct Turn {
        int quarters;
        double width;
        double height;

        Point operator()(Point p) const;
    };

    Point centreOf(std::size_t field, std::size_t bubble) const;
    Point place(Point on_page) const;
    std::vector<Point> ring(std::size_t field, std::size_t bubble, double reach) const;
    void drawFiducials();
    void drawImageAreas();
    void drawField(std::size_t index);

    const Template& sheet_;
    const SheetReading& reading_;
    Turn turn_;
    ColourImage image_;
    double scale_ = 1;
    std::vector<std::size_t> first_bubbles_{};  // of each field, among all
};

}  // namespace sheafline::sheets
