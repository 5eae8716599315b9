// The artifact analysis.json; its fields are described in docs/analysis.md. Pure.
#pragma once

#include <string>

#include "analysis.h"

namespace sheafline::analyze {

std::string analysisJson(const Analysis& analysis);

}  // namespace sheafline::analyze
