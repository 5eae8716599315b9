// The proof of a page map if outlines are too pale or not printed: marks at the page's corners give
// the position, and the answers confirm it. On a right map most pen marks lie in the middle of a
// bubble. Pure.
#pragma once

#include <cstddef>

#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct MarkProof {
    std::size_t marks = 0;  // fields with just one firm mark
    double plain = 0;       // their share of all fields
    double offset = 0;      // typical distance of such marks from their bubbles, in half sizes

    bool holds() const;
};

MarkProof proveByMarks(const GreyImage& image, const SheetAlignment& page, const Template& sheet);

}  // namespace sheafline::sheets
