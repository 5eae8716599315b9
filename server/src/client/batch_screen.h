// What a person or a program sees of a batch on standard output: the `console` sink, as for a batch
// that this process runs. One thread.
#pragma once

#include <memory>

#include <sheafline/sink.h>

#include "client/follow.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Null if the plugin is not installed: then nothing is shown.
std::unique_ptr<Sink> makeConsole(const PluginCatalog& plugins, bool json);

class BatchScreen {
 public:
    BatchScreen(const PluginCatalog& plugins, bool json);

    // Throws Error (OUTPUT_GONE) once nobody reads standard output: there is no reason to follow
    // the batch any longer. (A batch that this process runs would continue.)
    ShowEvents show() const;

 private:
    const std::unique_ptr<Sink> console_;
};

}  // namespace sheafline
