// Lists of texts as JSON arrays: the values and rows of sheets in the history. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

std::string jsonArray(const std::vector<std::string>& texts);
std::vector<std::string> textsOf(std::string_view json_array);  // throws Error TEXT_LIST

}  // namespace sheafline
