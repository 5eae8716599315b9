// The finished row of one sheet, for a stage after `collect`. Throws an Error of class permanent
// with the code ROW_MISSING if the sheet has no row with this number of columns. Any thread.
//
//     const auto row = collectedRow(sheets, 7, sheets.rowColumns().size(), "csv");
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets.h>

namespace sheafline {

// `stage` is the name of the caller, for the message.
SHEAFLINE_API std::vector<std::string> collectedRow(const SheetTable& sheets, int number,
                                                    std::size_t columns, std::string_view stage);

}  // namespace sheafline
