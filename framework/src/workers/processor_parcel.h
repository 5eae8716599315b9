// Packs a processor's params for another host. If a param of type path names a file, the parcel
// also contains that file and the other files on which the result depends (plugin_files.h): a
// template with its answer key and its reference picture.
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
