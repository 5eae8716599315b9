// The versions of history.db, for its writer and its readers.
#pragma once

#include "base/database_file.h"

namespace sheafline {

inline constexpr int kHistoryVersion = 3;
inline constexpr int kOldestReadableHistory = 1;  // older ones have no doubts; see HistoryReader
inline constexpr int kFirstHistoryWithDoubts = 3;

DatabaseFormat historyFormat();

}  // namespace sheafline
