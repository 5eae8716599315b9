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
        if (std::string fault = folderFault(folder); !fault.empty()) {
            refused_.push_back({folder, std::move(fault)});
            continue;
        }
        try {
            for (const auto& file : sharedLibraries(folder)) add(file);
        } catch (const std::filesystem::filesystem_error& e) {
            refused_.push_back({folder, folder.string() + ": this folder cannot be read (" +
                                            e.code().message() + "); check its permissions"});
        }
    }
    std::ranges::sort(plugins_, {}, [](const PluginEntry& entry) {
        return std::tuple(entry.descriptor->kind, entry.descriptor->name);
    });
}

void PluginCatalog::add(const std::filesystem::path& file) {
    PluginDiagnosis diagnosis = openPluginFile(file);
    if (!diagnosis.plugin) {
        refused_.push_back({file, std::move(diagnosis.findings.front())});
        return;
    }
    const PluginDescriptor& descriptor = *diagnosis.plugin->descriptor;
    if (const PluginEntry* first = find(descriptor.kind, descriptor.name)) {
        refused_.push_back({file, file.string() + ": the " +
                                      std::string(toString(descriptor.kind)) + " '" +
                                      std::string(descriptor.name) + "' already exists, from " +
                                      first->file.string() + "; remove or rename one of the two"});
        return;
    }
    plugins_.push_back(std::move(*diagnosis.plugin));
}

const PluginEntry* PluginCatalog::find(PluginKind kind, std::string_view name) const {
    const auto entry = std::ranges::find_if(plugins_, [&](const PluginEntry& each) {
        return each.descriptor->kind == kind && each.descriptor->name == name;
    });
    return entry == plugins_.end() ? nullptr : &*entry;
}

PluginDiagnosis diagnosePlugin(const std::filesystem::path& file) {
    const std::string fault = folderFault(std::filesystem::absolute(file).parent_path());
    PluginDiagnosis diagnosis = openPluginFile(file);
    if (!fault.empty()) diagnosis.findings.push_back(fault);
    return diagnosis;
}

}  // namespace sheafline
