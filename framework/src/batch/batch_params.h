// The params of a batch, stored without their passwords: the history has them masked, and a file
// that only the user of the data folder can read has them in full.
#pragma once

#include <string>

#include <sheafline/params.h>

#include "base/data_folder.h"
#include "base/redactor.h"
#include "history/history_reader.h"

namespace sheafline {

// The text that the history stores. Writes batches/BATCH/params.json (0600) if a param holds a
// password.
std::string storedParams(const DataFolder& folder, const std::string& batch_id,
                         const ParamValues& params);
// The params as the history has them, with masked passwords.
ParamValues shownParams(const BatchRow& batch);
// The params with their passwords, which `redactor` learns.
ParamValues fullParams(const DataFolder& folder, const BatchRow& batch, Redactor& redactor);

}  // namespace sheafline
