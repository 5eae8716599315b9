// A batch as the list of batches shows it: the schema Batch of the API. While it has not ended, it
// has `progress`, its newest event. Uses the reader's thread.
#pragma once

#include <string>
#include <string_view>

#include "history/history_reader.h"

namespace sheafline {

// `owner_id` is the id of the living owner, as for shownState().
std::string listedBatch(const BatchRow& batch, std::string_view owner_id, HistoryReader& history);

}  // namespace sheafline
