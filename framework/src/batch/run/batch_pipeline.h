// The pipeline of a batch as its stages see it. One thread.
#pragma once

#include <string>

#include "base/data_folder.h"
#include "history/history_reader.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// The pipeline that the batch started with. If people gave the batch another key
// (DecisionReader::scoringKey()), it takes the place of the option `key` of each stage and
// processor that has one of type path. Throws ConfigError if a plugin is missing.
Pipeline batchPipeline(const BatchRow& batch, const std::string& scoring_key,
                       const PluginCatalog& plugins, const DataFolder& folder);

// Where the keys of a batch are that people gave it.
std::filesystem::path keyFolder(const DataFolder& folder, const std::string& batch_id);

}  // namespace sheafline
