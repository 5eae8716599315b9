// Batches that ended before a durable sink of their pipeline had all of their events: its receiver
// was away, and the program that ran the batch has ended.
#pragma once

#include <string>
#include <vector>

#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Their ids, of the newest thousand batches. `allowed` are the sinks that pipelines may use.
std::vector<std::string> batchesToDeliver(HistoryReader& history, const PluginCatalog& plugins,
                                          const std::vector<std::string>& allowed);

}  // namespace sheafline
