// The rows of the next execution of a batch, which `retry`, `sheets fix` and a changed pipeline
// open.
#pragma once

#include <string>

#include <sheafline/sqlite/database.h>

#include "history/change.h"

namespace sheafline {

// Copies the stage runs of the batch's last execution, resets those that run again, and sets the
// sheets that are read again to waiting. Within a transaction of its caller.
void addExecution(sqlite::Database& database, const std::string& batch_id,
                  const NextExecution& next);

}  // namespace sheafline
