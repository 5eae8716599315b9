// Writes JSON strings, for the paths on which every event and every row passes. Malformed UTF-8
// becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace sheafline {

void appendJsonText(std::string& json, std::string_view text);  // with its quotes

}  // namespace sheafline
