// The list of the files of a backup, with their digests: `manifest.json` in its folder. It is
// written last, so a folder with a manifest is complete. The files are below `data/`, laid out as
// in a data folder.
//
//     {"format":1,"program":"0.1.0","made":"2026-11-28T14:00:00Z","from":"/var/lib/sheafline",
//      "files":[{"path":"history.db","size":4096,"mode":"640","sha256":"..."}]}
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sheafline {

inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kBackupData = "data";

struct BackupFile {
    std::string path{};  // below the data folder
    std::uint64_t size = 0;
    unsigned mode = 0640;
    std::string sha256{};
};

struct BackupManifest {
    std::string program{};  // its version
    std::string made{};     // UTC
    std::string from{};     // the data folder
    std::vector<BackupFile> files{};
};

std::string toJson(const BackupManifest& manifest);

// Throws Error (BACKUP_DAMAGED, BACKUP_INCOMPLETE, BACKUP_TOO_NEW) with the file and the remedy.
BackupManifest readManifest(const std::filesystem::path& backup);

}  // namespace sheafline
