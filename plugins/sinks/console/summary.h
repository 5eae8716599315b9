// The last line of a batch: "Completed in 3 min 05 s: 11404 sheets, 11390 read, 14 quarantined".
#pragma once

#include <string>

#include "shown_event.h"

namespace sheafline::console {

std::string summary(const ShownEvent& final_event);

}  // namespace sheafline::console
