// Draws what all copies of a page have in common: fiducials, bubbles with their letters, labels of
// the questions and boxes to write digits into. One thread.
#pragma once

#include <sheafline/sheets/template.h>

#include "print/drawing.h"
#include "print/free_space.h"

namespace sheafline::sheets {

// Marks in `space` what the template needs: fiducials, code, bubbles, and their labels.
FreeSpace spaceOf(const Template& sheet);

void drawForm(Drawing& page, const Template& sheet);

// Draws the code into its box; throws ConfigError if it would be too fine to be read.
void drawCode(Drawing& page, const QrBox& box, const std::string& text);

}  // namespace sheafline::sheets
