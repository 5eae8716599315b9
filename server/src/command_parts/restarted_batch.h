// The next execution of a batch that has ended: run here, or by the owner of the data folder, which
// this process then follows.
#pragma once

#include <string>

#include "base/data_folder.h"
#include "commands/commands.h"
#include "history/history_reader.h"
#include "pipeline/pipeline_loader.h"
#include "plugins/plugin_catalog.h"
#include "settings/settings.h"

namespace sheafline {

// `request` is one of those of control_socket.h. Gives the exit status.
int restartedBatch(const std::string& batch_id, const std::string& request,
                   const RestartOptions& options, const Settings& given);

// The pipeline of a batch, whose secrets are there.
Pipeline pipelineOf(const BatchRow& batch, const PluginCatalog& plugins, const DataFolder& folder);

}  // namespace sheafline
