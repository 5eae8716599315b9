// Stores people's decisions about a batch, all of a list or none. Any thread.
#pragma once

#include <string>
#include <vector>

#include "history/decisions/decision.h"
#include "history/history.h"
#include "history/history_reader.h"

namespace sheafline {

// Commits the list as one change and returns it as it was stored. Throws DecisionConflict and the
// errors of DecisionWriter::add(), and Error (CANNOT_DECIDE) about a cancelled batch.
std::vector<Decision> decide(History& history, HistoryReader& reader, const std::string& batch_id,
                             std::vector<NewDecision> list, const std::string& user);

}  // namespace sheafline
