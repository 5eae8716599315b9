// The tables of accounts.db, and how the file is opened.
#pragma once

#include <filesystem>
#include <memory>

#include "base/sql/database.h"

namespace sheafline {

// Creates the file, or migrates it to the newest version. Throws Error if it is damaged, or of a
// newer program.
std::unique_ptr<sql::Database> openAccounts(const std::filesystem::path& file);

}  // namespace sheafline
