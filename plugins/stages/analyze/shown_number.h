// A number for people: 33.42, 5, and a dash for one that is not defined.
#pragma once

#include <string>

namespace sheafline::analyze {

std::string shownNumber(double value, int decimals);    // without needless zeros
std::string alignedNumber(double value, int decimals);  // with all decimals, for a table
std::string shownPercent(double share);                 // 47 %

}  // namespace sheafline::analyze
