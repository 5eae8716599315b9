// Text and numbers for HTML and SVG. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sheafline::analyze {

// Text of elements and of attributes in double quotes. Malformed UTF-8 and characters that HTML
// does not allow become U+FFFD.
std::string escaped(std::string_view text);

// A coordinate with at most two decimals.
std::string place(double value);

}  // namespace sheafline::analyze
