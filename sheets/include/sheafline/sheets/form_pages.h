// Forms of several pages: a template whose `pages` has a template for each of them. The page of a
// scan is the number in its code, or that of a marked bubble. Pure; any thread.
//
//     const SheetReading reading = readSheet(image, exam, {.qr = "MATH-7B/2/2400123"});
//     const Template& page = pageNumbered(exam, reading.page);  // the second one
#pragma once

#include <optional>
#include <string_view>

#include <sheafline/export.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// The form itself if it has no page of this number, as a template of one page has none.
SHEAFLINE_API const Template& pageNumbered(const Template& form, int number);

// The number that a code has for its page; empty if it has none, or one that the form does not
// have.
SHEAFLINE_API std::optional<int> pageInCode(const Template& form, std::string_view code);

// The page that an image shows; the form itself if it is of one page. Throws UnreadableSheet if
// neither the code in `options` nor the bubbles tell it.
SHEAFLINE_API const Template& pageOf(const Template& form, const GreyImage& image,
                                     const ReadSheetOptions& options);

}  // namespace sheafline::sheets
