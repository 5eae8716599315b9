// The proof of a map where outlines are printed too faintly, or not at all: marks at the page's
// corners say where it lies, and the answers themselves that it is so. Pens fill the places they
// are meant for, so on a right map most marks lie in the middle of a bubble. Pure.
#pragma once

#include <cstddef>

#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct MarkProof {
    std::size_t marks = 0;  // fields with just one firm mark
    double plain = 0;       // their share of all fields
    double offset = 0;      // half sizes by which such marks typically lie beside their bubbles

    bool holds() const;
};

MarkProof proveByMarks(const GreyImage& image, const SheetAlignment& page, const Template& sheet);

}  // namespace sheafline::sheets
