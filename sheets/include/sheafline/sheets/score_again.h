// Scores a sheet that was read before with the current key of the template. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// One value for each of the template's output, from what evidenceOf() (read_sheet.h) stored. Empty
// if the evidence does not have every field: the sheet must be read again.
SHEAFLINE_API std::optional<std::vector<std::string>> scoreAgain(std::string_view evidence,
                                                                 const Template& sheet);

}  // namespace sheafline::sheets
