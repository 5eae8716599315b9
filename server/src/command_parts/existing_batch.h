// The batch that a person names. Throws ConfigError when the history does not have it.
#pragma once

#include <string>

#include "history/history_reader.h"

namespace sheafline {

BatchRow existingBatch(HistoryReader& history, const std::string& batch_id);
// One that people can still decide about: it was not cancelled.
BatchRow decidableBatch(HistoryReader& history, const std::string& batch_id);

}  // namespace sheafline
