// The file of an artifact that the history names. Files that it does not name were written by an
// owner that has lost the batch, or were replaced.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/data_folder.h"
#include "history/change.h"

namespace sheafline {

inline std::filesystem::path artifactFile(const DataFolder& folder, std::string_view batch_id,
                                          const ArtifactRow& artifact) {
    return folder.artifacts(batch_id, artifact.epoch) / artifact.name;
}

}  // namespace sheafline
