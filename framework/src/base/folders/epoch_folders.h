// Where the owners of a batch write in its folder, so that one that has lost the batch without
// knowing it writes where no reader looks:
//
//     batches/ID/            an owner without a lease (epoch 0), and what all of them share
//     batches/ID/epoch-7/    the owner with the epoch 7 of the batch's lease
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace sheafline {

inline constexpr const char* kArtifactFolder = "artifacts";  // inside one of them

struct EpochFolder {
    std::int64_t epoch = 0;
    std::filesystem::path path{};
};

std::filesystem::path epochFolder(const std::filesystem::path& batch_folder, std::int64_t epoch);

// Those that exist, up to this epoch: the oldest first.
std::vector<EpochFolder> epochFolders(const std::filesystem::path& batch_folder,
                                      std::int64_t newest);

}  // namespace sheafline
