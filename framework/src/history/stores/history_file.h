// Opens history.db, for its writer and its readers.
#pragma once

#include <filesystem>
#include <memory>

#include "base/sql/database.h"

namespace sheafline {

// Creates the file, or migrates it to the newest version. Throws Error if it is damaged, or of a
// newer program.
std::unique_ptr<sql::Database> openHistoryFile(const std::filesystem::path& file);

// Read-only. Throws Error (NO_HISTORY) if there is no history yet, (HISTORY_TOO_NEW) if a newer
// program made it. A history of an earlier version looks like the newest one.
std::unique_ptr<sql::Database> openHistoryFileToRead(const std::filesystem::path& file);

}  // namespace sheafline
