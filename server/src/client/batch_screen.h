// What a person or a program sees of a batch on standard output: the `console` sink, made as for a
// batch of our own. One thread.
#pragma once

#include <memory>

#include <sheafline/sink.h>

#include "client/follow.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Null where there is no such plugin: then nothing is shown.
std::unique_ptr<Sink> makeConsole(const PluginCatalog& plugins, bool json);

class BatchScreen {
 public:
    BatchScreen(const PluginCatalog& plugins, bool json);

    // Throws Error (OUTPUT_GONE) once nobody reads standard output: a batch of our own would go on,
    // but who only watches is done.
    ShowEvents show() const;

 private:
    const std::unique_ptr<Sink> console_;
};

}  // namespace sheafline
