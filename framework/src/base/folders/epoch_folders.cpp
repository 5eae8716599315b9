#include "base/folders/epoch_folders.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

namespace sheafline {

namespace {

constexpr std::string_view kPrefix = "epoch-";

// 0 if it is another folder.
std::int64_t epochIn(std::string_view name) {
    if (!name.starts_with(kPrefix)) return 0;
    name.remove_prefix(kPrefix.size());
    std::int64_t epoch = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), epoch);
    return read.ec == std::errc() && read.ptr == name.data() + name.size() ? epoch : 0;
}

}  // namespace

std::filesystem::path epochFolder(const std::filesystem::path& batch_folder, std::int64_t epoch) {
    return epoch == 0 ? batch_folder
                      : batch_folder / (std::string(kPrefix) + std::to_string(epoch));
}

std::vector<EpochFolder> epochFolders(const std::filesystem::path& batch_folder,
                                      std::int64_t newest) {
    std::vector<EpochFolder> folders{{.epoch = 0, .path = batch_folder}};
    if (newest == 0) return folders;
    for (const auto& entry : std::filesystem::directory_iterator(batch_folder)) {
        const std::int64_t epoch = epochIn(entry.path().filename().native());
        if (epoch > 0 && epoch <= newest) folders.push_back({.epoch = epoch, .path = entry.path()});
    }
    std::ranges::sort(folders, {}, &EpochFolder::epoch);
    return folders;
}

}  // namespace sheafline
