// Which columns of the rows are numbers, for formats that tell numbers from texts. Pure.
#pragma once

#include <string_view>

namespace sheafline::exports {

// The sheet's number and page, its score and confidence. All others are texts: the number of a
// student keeps its leading zeros.
bool isNumberColumn(std::string_view column);

// A decimal number as JSON writes it, so that no reader changes its value: 5, -2.5.
bool isJsonNumber(std::string_view text);

}  // namespace sheafline::exports
