// The sink for the progress of all batches in Redis, if a Redis is configured.
#pragma once

#include "owner/owner.h"
#include "plugins/plugin_catalog.h"
#include "settings/settings.h"

namespace sheafline {

// Throws Error if the plugin is missing, and ConfigError for a setting that it does not accept.
void addRedisSink(Owner& owner, const PluginCatalog& plugins, const Settings& settings);

}  // namespace sheafline
