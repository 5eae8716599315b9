// The bytes of a Change on its way from a batch process to the owner: its fields in a fixed order,
// as process/wire.h writes numbers and texts. Both ends are the same program, so there is no
// version.
//
//     optional = present:flag [value]
//     list     = size:u64 value*
//     enum     = value:i64
#pragma once

#include <string>
#include <string_view>

#include "history/change.h"

namespace sheafline {

std::string encode(const Change& change);
// Throws Error (WIRE) if encode() did not write these bytes: a cut text, an unknown state.
Change decodeChange(std::string_view bytes);

}  // namespace sheafline
