// The plugins of a program: found in folders, looked at without running them, loaded, and never
// unloaded. Made once at start; const and free to share afterwards.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheafline/plugin.h>

namespace sheafline {

struct PluginEntry {
    const PluginDescriptor* descriptor = nullptr;
    std::filesystem::path file{};
    std::vector<ParamSpec> params{};
};

struct RejectedPlugin {
    std::filesystem::path file{};
    std::string reason{};  // what is wrong and what to do
};

class PluginCatalog {
 public:
    // Looks into each folder in turn; a name that an earlier folder has is rejected with that
    // reason.
    explicit PluginCatalog(const std::vector<std::filesystem::path>& folders);
    // Plugins that are part of the program, such as those of a test; sorted by kind, then name.
    explicit PluginCatalog(std::vector<PluginEntry> plugins) : plugins_(std::move(plugins)) {}

    const PluginEntry* find(PluginKind kind,
                            std::string_view name) const;                 // null if it is not there
    const std::vector<PluginEntry>& plugins() const { return plugins_; }  // by kind, then name
    const std::vector<RejectedPlugin>& rejected() const { return rejected_; }

 private:
    void add(const std::filesystem::path& file);

    std::vector<PluginEntry> plugins_;
    std::vector<RejectedPlugin> rejected_;
};

// All findings about one file, for `sheafline plugins doctor FILE`. A file without findings is
// loaded, and stays loaded.
struct PluginCheck {
    std::optional<PluginEntry> plugin{};  // if the file has no findings
    std::vector<std::string> findings{};  // like RejectedPlugin::reason, one line each
};

PluginCheck checkPlugin(const std::filesystem::path& file);

}  // namespace sheafline
