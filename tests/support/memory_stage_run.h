// The run of a stage in memory, from the public test kit.
#pragma once

#include <sheafline/testing/memory_stage_run.h>

namespace sheafline::test {

using testing::MemoryProgress;
using testing::MemorySheets;
using testing::MemoryStageRun;

}  // namespace sheafline::test
