// The finished rows of a batch, for a stage after `collect`. There is one row for each sheet or,
// with the option `rows: student`, one for each student: the first of the student's sheets has it.
// Any thread.
//
//     const auto row = collectedRow(sheets, 7, sheets.rowColumns().size(), "csv");
//     if (row) write(*row);  // otherwise the row of another sheet has the answers of sheet 7
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets.h>

namespace sheafline {

// The columns of every row, in their order, before those of the processor: batch_id, sheet, file,
// page, qr, group, status and flags. A sheet without a row of its own has only these; its `sheet`
// is then the number of the sheet that has the row.
SHEAFLINE_API std::span<const std::string_view> sheetColumns();

// In rows of students, the numbers of all sheets of the row. No other rows have this column.
inline constexpr const char* kSheetsOfStudent = "sheets_of_student";
// In rows of students, what identifies the row within its batch.
inline constexpr const char* kStudentColumn = "student";

// What identifies a row within its batch.
enum class RowKey { sheet, student };

SHEAFLINE_API RowKey rowKeyOf(std::span<const std::string> columns);

// Throws an Error of class permanent with the code ROW_MISSING if `collect` made no row of this
// number of columns. `stage` is the name of the caller, for the message.
SHEAFLINE_API std::optional<std::vector<std::string>> collectedRow(const SheetTable& sheets,
                                                                   int number, std::size_t columns,
                                                                   std::string_view stage);

}  // namespace sheafline
