// Holds a Change from a batch process to what a batch process may change. The process runs plugins
// of any origin, so everything that it sends is untrusted input.
#pragma once

#include <string_view>

#include "history/change.h"

namespace sheafline {

// Throws Error (WIRE) that names what is wrong: another batch's id, a state that only the owner
// sets, a sheet number below 1, an artifact name with a folder. Replaces what has a harmless
// reading: invalid UTF-8 becomes U+FFFD, NaN and infinity become 0.
void checkChange(Change& change, std::string_view batch_id);

}  // namespace sheafline
