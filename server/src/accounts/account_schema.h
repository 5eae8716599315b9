// The tables of accounts.db, and how they are opened: in the file, or in the database of the
// history.
#pragma once

#include <memory>

#include "base/sql/database.h"
#include "base/sql/place.h"

namespace sheafline {

// Creates the file, or migrates it to the newest version. Throws Error if it is damaged, or of a
// newer program.
std::unique_ptr<sql::Database> openAccounts(const sql::Place& place);

// Locks the accounts against all other servers until the end of the transaction. The triggers
// change the same row, and every writer takes it first, so that two of them never wait for each
// other.
void lockAccounts(sql::Database& accounts);

}  // namespace sheafline
