// The columns of a sheet that was read before: with the current key of the template, and with what
// people decided. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/answer_points.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct DecidedColumn {
    std::string name{};
    std::string value{};
};

struct SettledSheet {
    std::vector<std::string> values{};  // one for each of the template's output
    double confidence = 1;              // the lowest of the columns that nobody decided
    std::string evidence{};             // with the identity that results from the decided values
    int page = 0;                       // of a form of several pages
};

// From what evidenceOf() (read_sheet.h) stored; the columns of other pages are empty. Nothing if
// the evidence does not have every field: the sheet must be read again.
SHEAFLINE_API std::optional<SettledSheet> settleColumns(
    std::string_view evidence, const Template& sheet, const SheetOrigin& origin = {},
    const std::vector<DecidedColumn>& decided = {});

// The flags of a sheet with "score:no_version" if its values have no score because no version of
// the exam fits, and without it otherwise. A page of a form whose version is on another page, alone
// has no score and no such flag.
SHEAFLINE_API std::string flagsWithScore(std::string_view flags,
                                         const std::vector<std::string>& values,
                                         const Template& sheet, int page = 0);

}  // namespace sheafline::sheets
