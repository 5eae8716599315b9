// A copy of a data folder that is in use, and a data folder made from such a copy. Both appear as a
// whole or not at all. Throw ConfigError for a place that cannot be used, and Error for damage and
// for a full disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sheafline {

struct BackupReport {
    std::size_t files = 0;
    std::uint64_t bytes = 0;
    std::size_t batches = 0;
    std::vector<std::string> warnings{};  // what was wrong with the data folder already
};

BackupReport makeBackup(const std::filesystem::path& data_folder,
                        const std::filesystem::path& target, const std::string& program);

// `data_folder` must not exist, or be empty.
BackupReport restoreBackup(const std::filesystem::path& backup,
                           const std::filesystem::path& data_folder);

}  // namespace sheafline
