// The batches that a caller may see: its own, and those shared with it. Any other batch is answered
// exactly like one that does not exist.
#pragma once

#include <string>

#include "api/caller.h"
#include "history/history_reader.h"

namespace sheafline::api {

bool owns(const Caller& caller, const BatchRow& batch);  // true for an admin as well
bool maySee(HistoryReader& history, const Caller& caller, const BatchRow& batch);

BatchRow visibleBatch(HistoryReader& history, const Caller& caller,
                      const std::string& batch_id);  // throws HttpError 404
// For what the owner and admins alone may do. Throws HttpError: 404, or 403 if the batch is only
// shared with the caller.
BatchRow ownBatch(HistoryReader& history, const Caller& caller, const std::string& batch_id);

}  // namespace sheafline::api
