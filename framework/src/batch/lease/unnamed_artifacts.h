// Artifacts that no reader sees: an earlier owner moved them to the batch's folder and lost the
// batch before the history had them, or a later owner has replaced them.
#pragma once

#include <cstdint>
#include <string>

#include <sheafline/log.h>

#include "base/data_folder.h"
#include "history/history_reader.h"

namespace sheafline {

// Removes those of the epochs before this one. The history cannot name them later: it accepts no
// change of an earlier epoch.
void removeUnnamedArtifacts(const DataFolder& folder, const std::string& batch_id,
                            std::int64_t epoch, HistoryReader& history, Log& log);

}  // namespace sheafline
