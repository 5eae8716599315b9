#include <utility>

#include <sheafline/collected_row.h>
#include <sheafline/error.h>

namespace sheafline {

std::vector<std::string> collectedRow(const SheetTable& sheets, int number, std::size_t columns,
                                      std::string_view stage) {
    auto row = sheets.row(number);
    if (!row || row->size() != columns) {
        throw Error(ErrorClass::permanent, "ROW_MISSING",
                    "sheet " + std::to_string(number) +
                        " has no row; put the stage collect before " + std::string(stage));
    }
    return *std::move(row);
}

}  // namespace sheafline
