// What a column says, from the readings of its fields. Pure.
#pragma once

#include <vector>

#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// `fields` are the readings of all of the template's fields. A score is left empty.
ColumnReading columnOf(const OutputColumn& column, const std::vector<FieldReading>& fields,
                       const Template& sheet);

}  // namespace sheafline::sheets
