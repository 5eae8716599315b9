// Takes away what is printed in and around the bubbles of a sheet, as the sheet itself shows it:
// bubbles of one value look alike where they are empty, and most of them are. Pure.
#pragma once

#include <sheafline/sheets/template.h>

#include "marks/bubble_probe.h"

namespace sheafline::sheets {

// Afterwards `darkness` and `surround` are those of pens alone: where print differs from bubble to
// bubble, as the edge of a bold ring does, only what is beyond those differences counts.
void subtractPrint(BubbleViews& views, const Template& sheet);

}  // namespace sheafline::sheets
