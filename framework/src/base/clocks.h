// The clocks that the history needs: the wall's for people, the machine's for durations.
#pragma once

#include <cstdint>
#include <string>

namespace sheafline {

std::int64_t wallMs();                      // since 1970, as the wall clock says now
std::int64_t bootMs();                      // since the machine's start, suspended time included
const std::string& bootId();                // changes with every start of the machine
std::string utcText(std::int64_t wall_ms);  // YYYY-MM-DDTHH:MM:SSZ
std::int64_t utcSeconds(const std::string& utc_text);  // since 1970; 0 if it is not such a text

}  // namespace sheafline
