// decisions.csv: who decided what, when, what was there before, and whether it counts. One line for
// each decision, in their order:
//
//     id,at,user,sheet,file,field,decision,value,before,before_flag,reason,state,execution,undone_by
//
// The runner's thread.
#pragma once

#include <optional>

#include "batch/active_stage.h"

namespace sheafline {

// Writes the file to the artifacts of a batch about which people have decided.
std::optional<ArtifactRow> writeDecisions(const BatchEnvironment& environment);

}  // namespace sheafline
