#include <algorithm>
#include <cstddef>
#include <vector>

#include <sheafline/sheets/column_values.h>

#include "marks/column_reading.h"
#include "scores/marked_choices.h"

namespace sheafline::sheets {

namespace {

// A number: one value of each field, or the placeholder of a digit that is not known.
bool isNumber(const Template& sheet, const OutputColumn& column, std::string_view value,
              std::size_t at) {
    if (value.empty()) return at == column.fields.size() || sheet.short_numbers;
    if (at == column.fields.size()) return false;
    const auto fits = [&](const std::string& part) {
        return !part.empty() && value.starts_with(part) &&
               isNumber(sheet, column, value.substr(part.size()), at + 1);
    };
    if (fits(sheet.placeholder) || fits(sheet.empty_value)) return true;
    return std::ranges::any_of(sheet.fields[column.fields[at]].bubbles, fits, &Bubble::value);
}

}  // namespace

std::optional<std::string> columnValue(const Template& sheet, const OutputColumn& column,
                                       std::string_view value) {
    if (column.fields.empty()) return std::nullopt;  // the score is computed
    const std::string empty =
        columnOf(column, std::vector<FieldReading>(sheet.fields.size()), sheet).value;
    if (value.empty() || value == empty) return empty;
    if (column.fields.size() == 1 &&
        markedChoices(sheet.fields[column.fields.front()], value).has_value())
        return std::string(value);
    // A short number may begin at a later field.
    const std::size_t starts = sheet.short_numbers ? column.fields.size() : 1;
    for (std::size_t first = 0; column.fields.size() > 1 && first < starts; ++first) {
        if (isNumber(sheet, column, value, first)) return std::string(value);
    }
    return std::nullopt;
}

std::string allowedValues(const Template& sheet, const OutputColumn& column) {
    if (column.fields.empty()) return "nothing, because it is computed";
    if (column.fields.size() > 1)
        return std::to_string(column.fields.size()) + " marks, '" + sheet.placeholder +
               "' in the place of an unknown one, or an empty text";
    std::string values;
    for (const Bubble& bubble : sheet.fields[column.fields.front()].bubbles)
        values += (values.empty() ? "" : ", ") + bubble.value;
    return values + ", several of them in this order, or an empty text";
}

}  // namespace sheafline::sheets
