// Decisions as one word of text, for a request to the owner of the data folder: hexadecimal digits.
// Both sides are the same program. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "history/decisions/decision.h"

namespace sheafline {

std::string wordOf(const NewDecisions& decisions);
NewDecisions decisionsOfWord(std::string_view word);  // throws Error (WIRE)

}  // namespace sheafline
