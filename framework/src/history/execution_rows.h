// Changes of many rows of a batch at once: its next execution, which `retry`, `sheets fix` and a
// changed pipeline open, and its removal. Within a transaction of the caller.
#pragma once

#include <string>
#include <vector>

#include "base/sql/database.h"
#include "history/change.h"

namespace sheafline {

// Copies the stage runs of the batch's last execution, resets those that run again, and sets the
// sheets that are read again to waiting.
void addExecution(sql::Database& database, const std::string& batch_id, const NextExecution& next);

// Resets stage runs of the current execution, so that they run again.
void reopenStages(sql::Database& database, const std::string& batch_id,
                  const std::vector<RerunStage>& stages);

// Deletes everything that the history has of a batch, but its id, which is not used again.
void removeRows(sql::Database& database, const std::string& batch_id);

}  // namespace sheafline
