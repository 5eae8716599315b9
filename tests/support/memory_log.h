// A log that keeps its lines, from the public test kit.
#pragma once

#include <sheafline/testing/memory_log.h>

namespace sheafline {

using testing::MemoryLog;

}  // namespace sheafline
