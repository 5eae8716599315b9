// Formats texts for a terminal. No state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sheafline::console {

// The first `columns` characters of UTF-8 text, filled up with blanks to that width. East Asian
// wide characters count as two.
std::string fitted(std::string_view text, std::size_t columns);
std::size_t columnsOf(std::string_view text);

std::string duration(long long seconds);  // "47 s", "3 min 05 s", "2 h 10 min"
std::string decimal(double value);        // with one decimal: "12.0"

}  // namespace sheafline::console
