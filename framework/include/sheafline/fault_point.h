// Named places at which a test can kill the program or make it fail:
// SHEAFLINE_FAULT=name:n:kill|stop|exit|throw|sleep|eio acts when a process passes that name for
// the n-th time. Costs one atomic load if the variable is not set.
#pragma once

#include <sheafline/export.h>

namespace sheafline {

SHEAFLINE_API void faultPoint(const char* name);

// For a test kit: `passed` is called with the name of each point that this process passes, before a
// fault acts. Null ends it. Any thread.
SHEAFLINE_API void watchFaultPoints(void (*passed)(const char* name));

}  // namespace sheafline
