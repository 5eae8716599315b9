// The export mark and the ABI number. The number changes whenever a header of this folder changes
// in a way that affects a compiled plugin; a test compares it with a hash of the folder.
#pragma once

#define SHEAFLINE_API __attribute__((visibility("default")))

namespace sheafline {

inline constexpr int kAbi = 2;

}  // namespace sheafline
