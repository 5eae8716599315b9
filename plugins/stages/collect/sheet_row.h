// The row of one sheet, and what rows of sheets and of students have in common. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets.h>

namespace sheafline {

inline constexpr std::size_t kStatusColumn = 6;  // of a row, see sheetColumns()
inline constexpr std::size_t kFlagsColumn = 7;

// The columns of every row, with the state of the sheet as its status.
std::vector<std::string> rowHead(std::string_view batch_id, const Sheet& sheet);

// Without a reading the answers are empty; `columns` is their number.
std::vector<std::string> rowOf(std::string_view batch_id, const Sheet& sheet,
                               const std::optional<Reading>& reading, std::size_t columns);

// Adds flags to a list of flags.
void addFlags(std::string& list, std::string_view flags);

// With three decimals; 0 to 1.
std::string confidenceText(double confidence);

}  // namespace sheafline
