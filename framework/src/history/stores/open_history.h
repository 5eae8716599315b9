// Opens the history in the store that its place names. What PostgreSQL needs is in a library of
// its own, which is loaded by the first call that needs it.
#pragma once

#include <memory>
#include <string>

#include "base/sql/database.h"
#include "base/sql/place.h"

namespace sheafline {

// For its only writer: creates or migrates the tables. Throws Error (HISTORY_IN_USE) if another
// process writes to the same database.
std::unique_ptr<sql::Database> openHistory(const sql::Place& place);

// For the tables that are beside the history in PostgreSQL, such as accounts. Any number of
// processes write to them at once, so that what is read is only true in a transaction that locks
// it.
std::unique_ptr<sql::Database> openTables(const std::string& url);

// Throws Error (NO_HISTORY) if there is none yet, (HISTORY_TOO_NEW) if a newer program made it.
std::unique_ptr<sql::Database> openHistoryToRead(const sql::Place& place);

}  // namespace sheafline
