// Names of fields, written short.
//
//     range := name | stem first ".." [stem] last        "q1..q60", "q1..60"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheafline::sheets {

// All names of a range, or the text itself if it is not a range. Empty if the range is empty, runs
// backwards or has more than 1,000 names.
std::vector<std::string> expandRange(std::string_view text);

}  // namespace sheafline::sheets
