// Packs a processor's params for another machine. A param of type path that names a file takes that
// file along, and the other files on which the result depends (plugin_files.h): a template with its
// answer key and its reference picture.
#pragma once

#include <filesystem>

#include <sheafline/worker_pool.h>

#include "base/redactor.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Relative paths start at `base`. Throws Error (SECRET_STAYS) if a value holds one of the
// redactor's secrets, (PARCEL_TOO_LARGE) above 32 MiB.
ProcessorParcel processorParcel(const ProcessorUse& use, const PluginCatalog& plugins,
                                const std::filesystem::path& base, const Redactor& redactor);

}  // namespace sheafline
