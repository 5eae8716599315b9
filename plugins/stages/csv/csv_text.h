// One row of a CSV file as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheafline::csv {

enum class FieldKind { text, number };

// Numbers that a spreadsheet should see as such; everything else is text.
FieldKind fieldKind(std::string_view column);

// The row with its line end. `kinds` has one for each value.
std::string csvLine(const std::vector<std::string>& values, const std::vector<FieldKind>& kinds);

}  // namespace sheafline::csv
