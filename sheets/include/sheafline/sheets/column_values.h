// The values that a column of a template's output can have, for people who decide about answers.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// The value as a reading would have it: an empty text becomes the template's value for a column
// without an answer. Nothing if the column cannot have this value.
SHEAFLINE_API std::optional<std::string> columnValue(const Template& sheet,
                                                     const OutputColumn& column,
                                                     std::string_view value);

// For an error: "A, B, C, D, E or a combination of them".
SHEAFLINE_API std::string allowedValues(const Template& sheet, const OutputColumn& column);

}  // namespace sheafline::sheets
