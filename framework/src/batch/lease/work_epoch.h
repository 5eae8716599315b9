// The work folder of a batch belongs to one server. After another server has worked on the batch,
// the files that this one left are those of the time before: a stage that has completed since may
// be half done there.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sheafline {

// In the folder; names the last owner's epoch.
inline constexpr const char* kEpochFile = "epoch";

// 0 if nobody wrote it: the folder is new, or of the time before leases.
std::int64_t lastEpochIn(const std::filesystem::path& folder);

// Makes the folder ready for the owner with this epoch: empties it, unless it was used by this
// owner or by the one directly before it.
void useWorkFolder(const std::filesystem::path& folder, std::int64_t epoch);

}  // namespace sheafline
