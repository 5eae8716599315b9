// Checks that a layout is possible: all bubbles are on the page, and none overlaps another one, a
// fiducial or the QR code. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct LayoutFinding {
    std::size_t field = 0;  // into Template::fields
    std::string message{};
};

// The first of each kind for each field.
std::vector<LayoutFinding> layoutFindings(const Template& sheet);

}  // namespace sheafline::sheets
