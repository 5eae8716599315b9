#include "scores/key_check.h"

#include <algorithm>
#include <string>

#include <sheafline/sheets/answer_points.h>
#include <sheafline/sheets/column_values.h>

namespace sheafline::sheets {

namespace {

std::string valuesOf(const OutputColumn& column, const Template& sheet) {
    std::string values;
    for (const Bubble& bubble : sheet.fields[column.fields.front()].bubbles)
        values += (values.empty() ? "" : ", ") + bubble.value;
    return values;
}

}  // namespace

const OutputColumn* checkAnswer(const KeyedAnswer& key, KeyPlace place, const Template& sheet,
                                FindingList& findings) {
    const auto column = std::ranges::find(sheet.output, key.column, &OutputColumn::name);
    if (column == sheet.output.end() || column->fields.empty()) {
        findings.add(place.line, place.column, key.column,
                     "the key has an answer to '" + key.column +
                         "', which is not a column of the output; add it to the output or remove "
                         "it from the key");
        return nullptr;
    }
    const auto check = [&](const std::string& answer) {
        if (isBlank(answer, sheet) || columnValue(sheet, *column, answer)) return;
        findings.add(place.line, place.column, key.column,
                     "the key says '" + answer + "' for '" + key.column + "', whose values are " +
                         valuesOf(*column, sheet) + "; correct the key");
    };
    for (const auto& [answer, points] : key.right) check(answer);
    for (const std::string& answer : key.all) check(answer);
    return &*column;
}

}  // namespace sheafline::sheets
