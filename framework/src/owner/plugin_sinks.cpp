#include "owner/plugin_sinks.h"

#include <algorithm>
#include <utility>

namespace sheafline {

std::unique_ptr<Sink> PluginSinks::make(const PluginEntry& plugin, ParamValues params,
                                        const std::filesystem::path& base) {
    if (isOwn(plugin)) {
        Params given(std::move(params), base);
        return plugin.descriptor->make_sink(given);
    }
    std::string name(plugin.descriptor->name);
    const std::lock_guard lock(mutex_);
    std::shared_ptr<SinkLosses>& losses = losses_[name];
    if (!losses) losses = std::make_shared<SinkLosses>();
    return std::make_unique<SinkProcess>(SinkProcessOptions{.name = std::move(name),
                                                            .plugin = plugin.file,
                                                            .base = base,
                                                            .params = std::move(params),
                                                            .losses = losses});
}

// A plugin without a file is part of the program.
bool PluginSinks::isOwn(const PluginEntry& plugin) const {
    return plugin.file.empty() ||
           std::ranges::find(own_folders_, plugin.file.parent_path()) != own_folders_.end();
}

}  // namespace sheafline
