// The computed columns of a sheet's row. Pure.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/answer_points.h>

namespace sheafline::sheets {

// Puts score and grade into the columns that have no fields; `values` has one for each of the
// template's output.
void putScore(std::vector<std::string>& values, const SheetOrigin& origin, const Template& sheet);

// Whether the page has the columns that tell the version of the exam.
bool knowsVersion(const Template& page);

}  // namespace sheafline::sheets
