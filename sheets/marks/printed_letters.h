// Takes away what is printed in the bubbles of a sheet, as the sheet itself shows it: the bubbles
// of one value look alike where they are empty, and most of them are. Pure.
#pragma once

#include <sheafline/sheets/template.h>

#include "marks/bubble_probe.h"

namespace sheafline::sheets {

// Afterwards `darkness` is that of pens alone.
void subtractPrint(BubbleViews& views, const Template& sheet);

}  // namespace sheafline::sheets
