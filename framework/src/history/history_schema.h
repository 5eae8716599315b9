// The versions of history.db, for its writer and its readers.
#pragma once

#include "base/database_file.h"

namespace sheafline {

inline constexpr int kHistoryVersion = 2;
inline constexpr int kOldestReadableHistory = 1;  // its tables are those of version 2

DatabaseFormat historyFormat();

}  // namespace sheafline
