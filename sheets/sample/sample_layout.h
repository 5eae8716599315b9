// The demo sheet as the generator draws it. Lengths are millimetres.
#pragma once

#include <string>
#include <vector>

#include "sample/canvas.h"

namespace sheafline::sheets {

// One thing to answer: a question, or a digit of a number.
struct SampleField {
    std::string name{};
    std::string values{};
    Millimetres first{};  // centre of the first bubble
    Millimetres step{};   // to the next one
    double radius = 0;
};

struct SampleLayout {
    double width = 0;
    double height = 0;
    std::vector<Millimetres> fiducials{};
    double fiducial_side = 0;
    Millimetres orientation_mark{};
    double orientation_side = 0;
    Millimetres qr_corner{};
    double qr_side = 0;
    std::vector<SampleField> student{};    // one a digit
    std::vector<SampleField> questions{};  // in the order of the template
};

// The second page has further questions at the same places, and no grid for the student.
SampleLayout demoLayout(int page = 1);

}  // namespace sheafline::sheets
