#include "plugins/plugin_catalog.h"

#include <algorithm>
#include <system_error>
#include <tuple>
#include <utility>

#include "plugins/plugin_file.h"

namespace sheafline {

namespace {

std::vector<std::filesystem::path> sharedLibraries(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& item : std::filesystem::directory_iterator(folder)) {
        if (item.path().extension() == ".so") files.push_back(item.path());
    }
    std::ranges::sort(files);  // so that of two equal names always the same one wins
    return files;
}

}  // namespace

PluginCatalog::PluginCatalog(const std::vector<std::filesystem::path>& folders) {
    for (const auto& folder : folders) {
        if (std::string finding = folderFinding(folder); !finding.empty()) {
            rejected_.push_back({folder, std::move(finding)});
            continue;
        }
        try {
            for (const auto& file : sharedLibraries(folder)) add(file);
        } catch (const std::filesystem::filesystem_error& e) {
            rejected_.push_back({folder, folder.string() + ": this folder cannot be read (" +
                                             e.code().message() + "); check its permissions"});
        }
    }
    std::ranges::sort(plugins_, {}, [](const PluginEntry& entry) {
        return std::tuple(entry.descriptor->kind, entry.descriptor->name);
    });
}

void PluginCatalog::add(const std::filesystem::path& file) {
    PluginCheck check = openPluginFile(file);
    if (!check.plugin) {
        rejected_.push_back({file, std::move(check.findings.front())});
        return;
    }
    const PluginDescriptor& descriptor = *check.plugin->descriptor;
    if (const PluginEntry* first = find(descriptor.kind, descriptor.name)) {
        rejected_.push_back({file, file.string() + ": the " +
                                       std::string(toString(descriptor.kind)) + " '" +
                                       std::string(descriptor.name) + "' already exists, from " +
                                       first->file.string() + "; remove or rename one of the two"});
        return;
    }
    plugins_.push_back(std::move(*check.plugin));
}

const PluginEntry* PluginCatalog::find(PluginKind kind, std::string_view name) const {
    const auto entry = std::ranges::find_if(plugins_, [&](const PluginEntry& each) {
        return each.descriptor->kind == kind && each.descriptor->name == name;
    });
    return entry == plugins_.end() ? nullptr : &*entry;
}

PluginCheck checkPlugin(const std::filesystem::path& file) {
    const std::string finding = folderFinding(std::filesystem::absolute(file).parent_path());
    PluginCheck check = openPluginFile(file);
    if (!finding.empty()) check.findings.push_back(finding);
    return check;
}

}  // namespace sheafline
