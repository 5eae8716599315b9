// The batches that a caller may see. Another user's batch is answered exactly like one that does
// not exist.
#pragma once

#include <string>

#include "api/caller.h"
#include "history/history_reader.h"

namespace sheafline::api {

bool maySee(const Caller& caller, const BatchRow& batch);
BatchRow visibleBatch(HistoryReader& history, const Caller& caller,
                      const std::string& batch_id);  // throws HttpError 404

}  // namespace sheafline::api
