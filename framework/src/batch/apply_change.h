// The Change that makes people's decisions about a batch count, and what it does again: only the
// stages whose results the decisions change, and these only for the sheets that are changed. Needs
// the history, changes nothing.
#pragma once

#include <string>
#include <vector>

#include "history/decisions/decision.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Applies the pending decisions: of a batch that has ended in its next execution, of a batch in
// review in its current one. Throws
// ConfigError if the batch cannot be changed now, or if nothing is pending.
Change applyChange(HistoryReader& history, const PluginCatalog& plugins,
                   const std::string& batch_id);

// What `sheafline apply` sends to the owner of the data folder.
std::string applyRequest(const std::string& batch_id);

// The stages that an apply of these decisions runs again.
std::vector<RerunStage> rerunsOf(HistoryReader& history, const PluginCatalog& plugins,
                                 const BatchRow& batch, const std::vector<Decision>& decisions);

// A batch that has ended and may be changed. `what` completes "it can be … once it has ended".
BatchRow endedBatch(HistoryReader& history, const std::string& batch_id, const char* what);

}  // namespace sheafline
