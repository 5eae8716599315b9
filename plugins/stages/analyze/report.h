// The artifact analysis.html: one file for people, which requests nothing from anywhere and prints
// on paper. All text from the batch is escaped. Pure.
#pragma once

#include <string>

#include "analysis.h"

namespace sheafline::analyze {

std::string reportPage(const Analysis& analysis);

}  // namespace sheafline::analyze
