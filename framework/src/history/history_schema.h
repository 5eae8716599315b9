// The versions of history.db, for its writer and its readers.
#pragma once

#include "base/database_file.h"

namespace sheafline {

inline constexpr int kHistoryVersion = 9;
inline constexpr int kOldestReadableHistory = 1;  // see HistoryReader for what older ones lack
inline constexpr int kFirstHistoryWithDoubts = 3;
inline constexpr int kFirstHistoryWithDecisions = 4;
inline constexpr int kFirstHistoryWithShares = 7;
inline constexpr int kFirstHistoryWithEpochs = 9;

DatabaseFormat historyFormat();

}  // namespace sheafline
