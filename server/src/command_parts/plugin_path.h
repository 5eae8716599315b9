// The folders of --plugin-path that a batch was started with, kept in the batch's folder, so that
// resume and retry find the batch's plugins without being given the option again.
//
//     file = 1*( absolute path LF )       batches/BATCH/plugin-path
#pragma once

#include <string>

#include "base/data_folder.h"
#include "settings/settings.h"

namespace sheafline {

void rememberPluginPath(const DataFolder& folder, const std::string& batch_id,
                        const Settings& settings);
// `settings` with the remembered folders that still exist, after those that were given now.
Settings withPluginPathOf(const std::string& batch_id, Settings settings);

}  // namespace sheafline
