#include "batch/run/held_artifacts.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>

#include "base/file_digest.h"

namespace sheafline {

namespace {

std::vector<std::filesystem::path> filesIn(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    if (!std::filesystem::exists(folder)) return files;
    for (const auto& file : std::filesystem::directory_iterator(folder))
        files.push_back(file.path());
    return files;
}

ArtifactRow rowOf(const std::filesystem::path& file) {
    return {.name = file.filename().string(),
            .size_bytes = std::filesystem::file_size(file),
            .sha256 = sha256OfFile(file)};
}

}  // namespace

void HeldArtifacts::publish() {
    const auto files = filesIn(environment_.heldArtifacts());
    if (files.empty()) return;
    std::vector<ArtifactRow> rows;
    rows.reserve(files.size());
    for (const auto& file : files) rows.push_back(rowOf(file));
    // First the rows: after a crash, the files that are still held show what is left to do.
    environment_.link.editAndWait([&](Change& change) { change.artifacts = std::move(rows); });
    faultPoint("apply.artifacts");
    createFolders(environment_.artifact_folder);
    for (const auto& file : files) {
        std::filesystem::rename(file, environment_.artifact_folder / file.filename());
        faultPoint("apply.artifact_moved");
    }
    syncFolder(environment_.artifact_folder);
    remove();
}

std::vector<ArtifactRow> HeldArtifacts::copied() {
    std::vector<ArtifactRow> rows;
    const auto newer = environment_.history.heldArtifacts(environment_.batch_id);
    for (const auto& file : filesIn(environment_.heldArtifacts())) {
        ArtifactRow row = rowOf(file);
        if (std::ranges::find(newer, row.name, &ArtifactRow::name) != newer.end()) continue;
        createFolders(environment_.artifact_folder);
        std::filesystem::copy_file(file, environment_.artifact_folder / row.name,
                                   std::filesystem::copy_options::overwrite_existing);
        row.held = true;
        rows.push_back(std::move(row));
    }
    return rows;
}

void HeldArtifacts::remove() { std::filesystem::remove_all(environment_.heldArtifacts()); }

}  // namespace sheafline
