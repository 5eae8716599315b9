// JSON texts by hand, for the paths where every event and every row passes. Bad UTF-8 becomes
// U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace sheafline {

void appendJsonText(std::string& json, std::string_view text);  // with its quotes
std::string cleanUtf8(std::string_view text);

}  // namespace sheafline
