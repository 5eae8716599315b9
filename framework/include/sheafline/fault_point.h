// Named places at which a test can make the program die or fail:
// SHEAFLINE_FAULT=name:n:kill|exit|throw|sleep|eio acts at the n-th passage of that name in a
// process. One atomic load where the variable is not set.
#pragma once

#include <sheafline/export.h>

namespace sheafline {

SHEAFLINE_API void faultPoint(const char* name);

}  // namespace sheafline
