// The JSON Schema (draft-07) of a progress event.
#pragma once

#include <string>

namespace sheafline {

std::string eventSchema();

}  // namespace sheafline
