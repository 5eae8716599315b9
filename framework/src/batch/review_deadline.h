// Until when a batch in review waits for people. Any thread, with its own reader.
#pragma once

#include <cstdint>
#include <optional>

#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Seconds since 1970. Empty if the batch is not in review, or if its pipeline cannot be read here
// because a plugin is missing: then it waits.
std::optional<std::int64_t> reviewDeadline(HistoryReader& history, const PluginCatalog& plugins,
                                           const BatchRow& batch);

// Fails the batch, whose `finally` stages then run.
Change reviewTimeout(const std::string& batch_id);

}  // namespace sheafline
