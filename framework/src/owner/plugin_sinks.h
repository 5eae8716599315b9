// Makes the sinks that pipelines use. A plugin from one of the program's own folders runs in this
// process; every other plugin runs in a separate process. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <sheafline/params.h>
#include <sheafline/sink.h>

#include "owner/sink_process.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

class PluginSinks {
 public:
    explicit PluginSinks(std::vector<std::filesystem::path> own_folders)
        : own_folders_(std::move(own_folders)) {}

    // Relative paths of `params` start at `base`. Throws ConfigError if a plugin of the program
    // rejects its params; a separate process reports that with its first delivery.
    std::unique_ptr<Sink> make(const PluginEntry& plugin, ParamValues params,
                               const std::filesystem::path& base);

 private:
    bool isOwn(const PluginEntry& plugin) const;

    const std::vector<std::filesystem::path> own_folders_;
    std::mutex mutex_;
    // By plugin; guarded by mutex_. Shared with the sinks, which may end later.
    std::map<std::string, std::shared_ptr<SinkLosses>> losses_;
};

}  // namespace sheafline
