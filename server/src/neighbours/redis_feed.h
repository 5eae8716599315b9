// The progress keys of Redis, where one is configured: the owner's sink of all batches.
#pragma once

#include <string>

#include "owner/owner.h"
#include "plugins/plugin_catalog.h"
#include "settings/settings.h"

namespace sheafline {

// `home` is the URL at which other servers reach this one; empty where there is none. Throws Error
// where the plugin is missing, ConfigError for a setting that it does not take.
void addRedisSink(Owner& owner, const PluginCatalog& plugins, const Settings& settings,
                  const std::string& home);

}  // namespace sheafline
