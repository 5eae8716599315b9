// The files of batches and uploads of data folders, copied into a store. One thread.
#pragma once

#include <filesystem>

namespace sheafline {

// Links each file of `folder`/batches and `folder`/uploads into the store, or copies it if the
// store is on another file system. Params that name files in the folder name those in the store
// afterwards. The folder stays as it is. What an interrupted copy left is replaced. Throws Error.
void copyFiles(const std::filesystem::path& folder, const std::filesystem::path& store);

// Renames both folders to batches.copied and uploads.copied.
void setFilesAside(const std::filesystem::path& folder);

}  // namespace sheafline
