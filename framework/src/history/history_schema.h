// The tables of the history, for the one who writes and the many who read.
#pragma once

#include <sheafline/sqlite/database.h>

namespace sheafline {

inline constexpr int kHistoryVersion = 1;

// Makes the tables of a new file; throws Error where the file was made by a newer program.
void prepareHistory(sqlite::Database& database);

}  // namespace sheafline
