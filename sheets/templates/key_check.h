// Whether a key fits its template: an answer that no sheet can have would cost everyone its points
// in silence. Pure.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// One text for each question without a column, and for each right answer that its column cannot
// say.
std::vector<std::string> findKeyFindings(const Template& sheet);

}  // namespace sheafline::sheets
