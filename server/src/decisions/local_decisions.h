// Stores decisions from the command line: through the owner of the data folder, or here if there is
// none. Any thread.
#pragma once

#include <string>

#include "base/data_folder.h"
#include "history/decisions/decision.h"

namespace sheafline {

// The user is the account that runs this process. Gives the request by which the decisions are
// found. Throws Error (DECIDED) if somebody else decided first.
std::string storeDecisions(const DataFolder& folder, const std::string& batch_id,
                           std::vector<NewDecision> list);

}  // namespace sheafline
