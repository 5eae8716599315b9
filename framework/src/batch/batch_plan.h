// The stages of a new batch, in the order of its pipeline file. They are stored when the batch is
// created, so that a batch that fails early shows the stages that never started. Pure.
#pragma once

#include <vector>

#include "history/change.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// `plugins` has the plugin of each stage: the loader checked it.
std::vector<NewStage> planOf(const Pipeline& pipeline, const PluginCatalog& plugins);

}  // namespace sheafline
