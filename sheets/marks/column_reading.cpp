#include "marks/column_reading.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sheafline::sheets {

namespace {

// A number is never shortened: where a digit is empty or double, its place is kept.
std::string valueInColumn(const FieldReading& field, const Template& sheet) {
    if (field.value.empty())
        return sheet.empty_value.empty() ? sheet.placeholder : sheet.empty_value;
    return field.flag == FieldFlag::multiple ? sheet.placeholder : field.value;
}

// The fields of a column between the first and the last that is marked, where a number may be
// shorter than its column; else all of them.
std::pair<std::size_t, std::size_t> keptFields(const OutputColumn& column,
                                               const std::vector<FieldReading>& fields,
                                               const Template& sheet) {
    constexpr std::size_t kMostShort = 3;
    std::size_t first = 0;
    std::size_t end = column.fields.size();
    if (!sheet.short_numbers || !sheet.empty_value.empty() || end > kMostShort) return {first, end};
    while (first < end && fields[column.fields[first]].value.empty()) ++first;
    while (end > first && fields[column.fields[end - 1]].value.empty()) --end;
    return {first, end};
}

}  // namespace

ColumnReading columnOf(const OutputColumn& column, const std::vector<FieldReading>& fields,
                       const Template& sheet) {
    ColumnReading result;
    bool empty = true;
    const auto [first, end] = keptFields(column, fields, sheet);
    for (std::size_t i = 0; i < column.fields.size(); ++i) {
        const FieldReading& field = fields[column.fields[i]];
        const bool alone = column.fields.size() == 1 || i < first || i >= end;
        result.value += alone ? field.value : valueInColumn(field, sheet);
        empty &= field.value.empty();
        result.confidence = std::min(result.confidence, field.confidence);
        // What is in doubt comes before what is empty.
        if (result.flag == FieldFlag::ok || result.flag == FieldFlag::blank) {
            if (field.flag != FieldFlag::ok) result.flag = field.flag;
            // Some digits without a mark are doubt, whatever their rule says.
            if (!alone && field.value.empty() && field.flag == FieldFlag::ok)
                result.flag = FieldFlag::blank;
        }
    }
    if (!empty) return result;
    if (column.fields.empty()) return result;
    // A number without any digit is empty like any other column, but OMRChecker writes its empty
    // value for each digit.
    const bool by_digit = sheet.short_numbers && column.fields.size() > 1;
    if (!by_digit || sheet.empty_value.empty()) result.value = sheet.empty_value;
    return result;
}

}  // namespace sheafline::sheets
