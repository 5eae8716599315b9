// Reads the marks of an aligned sheet as a person would: the value of each field, and a flag if
// that person would hesitate. Nothing is learned from other sheets: the same image and template
// always give the same reading. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

enum class FieldFlag { ok, blank, multiple, faint, erased, circled, unreadable };

SHEAFLINE_API std::string_view toString(FieldFlag flag);

struct FieldReading {
    std::string value{};  // of several marks, all of them in the template's order
    FieldFlag flag = FieldFlag::ok;
    double confidence = 0;           // 0 to 1, the chance that a person would read the same
    std::vector<double> darkness{};  // of each bubble, without what is printed in it
    std::vector<bool> marked{};
};

// One for each field of the template.
SHEAFLINE_API std::vector<FieldReading> readMarks(const GreyImage& image,
                                                  const SheetAlignment& page,
                                                  const Template& sheet);

}  // namespace sheafline::sheets
