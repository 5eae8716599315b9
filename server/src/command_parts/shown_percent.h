// A share as people read it: "87 %". Any thread.
#pragma once

#include <cmath>
#include <string>

namespace sheafline {

inline std::string shownPercent(double share) {
    constexpr double kPercent = 100;
    return std::to_string(std::lround(share * kPercent)) + " %";
}

}  // namespace sheafline
