#include "batch/lease/unnamed_artifacts.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "base/folders/epoch_folders.h"
#include "history/reading/artifact_file.h"

namespace sheafline {

void removeUnnamedArtifacts(const DataFolder& folder, const std::string& batch_id,
                            std::int64_t epoch, HistoryReader& history, Log& log) {
    if (epoch == 0) return;
    std::set<std::filesystem::path> named;
    // First the held ones: an apply that ends meanwhile makes them visible.
    for (const ArtifactRow& row : history.heldArtifacts(batch_id))
        named.insert(artifactFile(folder, batch_id, row));
    for (const ArtifactRow& row : history.artifacts(batch_id))
        named.insert(artifactFile(folder, batch_id, row));
    for (const EpochFolder& of_owner : epochFolders(folder.batch(batch_id), epoch - 1)) {
        std::error_code error;
        for (const auto& file :
             std::filesystem::directory_iterator(of_owner.path / kArtifactFolder, error)) {
            if (named.contains(file.path())) continue;
            if (std::filesystem::remove_all(file.path(), error); error)
                log.warning("cannot remove " + file.path().string() + ": " + error.message());
        }
    }
}

}  // namespace sheafline
