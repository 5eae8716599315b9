// A history in PostgreSQL belongs to one store: the folder with the files of its batches. The
// database remembers the store's id, and the store has it in the file store.id, so that a server
// with another folder, or one that is not mounted, cannot lose files. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/data_folder.h"

namespace sheafline {

// Joins the store and the database if neither belongs to another yet. Does nothing for a history in
// a file. Throws Error (STORE) that names both places. The store must exist.
void requireStore(const DataFolder& folder);
void requireStore(const std::string& url, const std::filesystem::path& store);

// Why files cannot be stored in the shared store now; empty if they can. `owner` is the id of this
// process.
std::string storeError(const DataFolder& folder, std::string_view owner);

}  // namespace sheafline
