// Subtracts the print in and around the bubbles of a sheet. It is learned from the sheet itself:
// empty bubbles of one value look alike, and most bubbles are empty. Pure.
#pragma once

#include <sheafline/sheets/template.h>

#include "marks/bubble_probe.h"

namespace sheafline::sheets {

// Afterwards `darkness` and `surround` contain only ink of pens. If print differs between bubbles,
// like the edges of bold rings, only ink beyond those differences counts.
void subtractPrint(BubbleViews& views, const Template& sheet);

}  // namespace sheafline::sheets
