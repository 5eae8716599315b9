// Whether what a template describes can be drawn: bubbles on the page, none over another, over a
// fiducial or over the QR code. Pure.
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
