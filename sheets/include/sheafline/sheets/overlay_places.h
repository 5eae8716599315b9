// Where everything lies on an image that an overlay of its sheet draws. It is computed from the
// evidence of the reading, so no image is read again. Lengths are pixels of the image as it was
// read. Pure; any thread.
//
//     const auto places = overlayPlaces(reading.evidence, loadTemplate("demo-sheet.yaml"));
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/read_marks.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// An ellipse around a bubble.
struct BubblePlace {
    Point centre{};
    double half_width = 0;
    double half_height = 0;
    double turn_degrees = 0;  // clockwise
    bool marked = false;
};

struct FieldPlace {
    std::string name{};
    std::string value{};  // as it was read
    FieldFlag flag = FieldFlag::ok;
    std::vector<BubblePlace> bubbles{};
};

struct ImagePlace {
    std::string name{};
    std::array<Point, 4> corners{};  // clockwise, from the top left of the upright page
};

struct OverlayPlaces {
    int width = 0;  // of the image
    int height = 0;
    int quarter_turns = 0;  // how far the image is turned clockwise
    std::vector<FieldPlace> fields{};
    std::vector<ImagePlace> images{};
    std::vector<Point> marks{};  // fiducials as they were found
};

// Nothing if the evidence does not have the places, as that of older programs, or does not fit the
// template.
SHEAFLINE_API std::optional<OverlayPlaces> overlayPlaces(std::string_view evidence,
                                                         const Template& form);

}  // namespace sheafline::sheets
