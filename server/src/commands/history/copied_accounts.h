// What `history copy` takes from data folders besides the history: users with their sessions and
// API tokens, the audit trail, idempotency keys and uploads in progress. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/sql/database.h"

namespace sheafline {

// The names of users that more than one folder has, however they are written.
std::vector<std::string> sharedUsers(const std::vector<std::filesystem::path>& folders);

// Adds all of it to the transaction of `to`. A user that several folders have is the one of the
// first of them, with the sessions and tokens from there. Entries of the audit trail get new ids in
// the order of their times. Throws Error (HISTORY_NOT_EMPTY) if `to` has users.
void copyAccounts(const std::vector<std::filesystem::path>& folders, sql::Database& to);

// Only the users that `to` does not have, with their sessions and tokens.
void copyUsers(sql::Database& from, sql::Database& to);

}  // namespace sheafline
