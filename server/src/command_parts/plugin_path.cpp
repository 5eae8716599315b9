#include "command_parts/plugin_path.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sheafline/durable_file.h>

namespace sheafline {

namespace {

std::filesystem::path fileOf(const DataFolder& folder, const std::string& batch_id) {
    return folder.batch(batch_id) / "plugin-path";
}

}  // namespace

void rememberPluginPath(const DataFolder& folder, const std::string& batch_id,
                        const Settings& settings) {
    if (settings.given_plugin_folders == 0) return;
    createFolders(folder.batch(batch_id));
    DurableFile file(fileOf(folder, batch_id));
    for (std::size_t i = 0; i < settings.given_plugin_folders; ++i)
        file.write(settings.plugin_folders[i].string() + "\n");
    file.publish();
}

Settings withPluginPathOf(const std::string& batch_id, Settings settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    std::ifstream in(fileOf(folder, batch_id));
    for (std::string line; std::getline(in, line);) {
        std::error_code error;
        if (!std::filesystem::is_directory(line, error)) continue;
        auto& folders = settings.plugin_folders;
        if (std::ranges::find(folders, std::filesystem::path(line)) != folders.end()) continue;
        folders.insert(folders.begin() + static_cast<std::ptrdiff_t>(settings.given_plugin_folders),
                       line);
        ++settings.given_plugin_folders;
    }
    return settings;
}

}  // namespace sheafline
