#include <algorithm>
#include <array>
#include <utility>

#include <sheafline/collected_row.h>
#include <sheafline/error.h>

namespace sheafline {

namespace {

// Contract section 8.
constexpr std::array<std::string_view, 8> kSheetColumns{"batch_id", "sheet", "file",   "page",
                                                        "qr",       "group", "status", "flags"};

}  // namespace

std::span<const std::string_view> sheetColumns() { return kSheetColumns; }

RowKey rowKeyOf(std::span<const std::string> columns) {
    return std::ranges::find(columns, kSheetsOfStudent) == columns.end() ? RowKey::sheet
                                                                         : RowKey::student;
}

std::optional<std::vector<std::string>> collectedRow(const SheetTable& sheets, int number,
                                                     std::size_t columns, std::string_view stage) {
    auto row = sheets.row(number);
    if (row && row->size() == columns) return row;
    if (row && row->size() == kSheetColumns.size()) return std::nullopt;
    throw Error(ErrorClass::permanent, "ROW_MISSING",
                "sheet " + std::to_string(number) + " has no row; put the stage collect before " +
                    std::string(stage));
}

}  // namespace sheafline
