// Scores a sheet that was read before with the current key of the template. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// One value for each of the template's output, empty in the columns of other pages, from what
// evidenceOf() (read_sheet.h) stored. Empty if the evidence does not have every field: the sheet
// must be read again.
SHEAFLINE_API std::optional<std::vector<std::string>> scoreAgain(std::string_view evidence,
                                                                 const Template& sheet);

struct DecidedColumn {
    std::string name{};
    std::string value{};
};

struct SettledSheet {
    std::vector<std::string> values{};  // one for each of the template's output
    double confidence = 1;              // the lowest of the columns that nobody decided
    std::string evidence{};             // with the identity that results from the decided values
};

// The same with the columns that people decided. Empty as above.
SHEAFLINE_API std::optional<SettledSheet> settleColumns(std::string_view evidence,
                                                        const Template& sheet,
                                                        const std::vector<DecidedColumn>& decided);

}  // namespace sheafline::sheets
