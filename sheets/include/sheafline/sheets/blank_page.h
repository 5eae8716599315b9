// Whether a page is the blank back of a sheet: paper on which nobody wrote and nothing is printed.
// What scanners and paper add does not count: show-through of the front, punch holes, a staple, the
// edge of the paper, dust, streaks of the feeder. In doubt, a page is not blank, because a blank
// page is set aside without a question. Pure; any thread.
//
//     if (!findCode(page, search).code && isBlankPage(page)) ++blank_pages;
#pragma once

#include <sheafline/export.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

SHEAFLINE_API bool isBlankPage(const GreyImage& page);

}  // namespace sheafline::sheets
