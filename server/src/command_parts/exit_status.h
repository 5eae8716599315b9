// The exit statuses of the program.
#pragma once

#include <functional>

#include "history/change.h"

namespace sheafline {

inline constexpr int kDone = 0;
inline constexpr int kBatchFailed = 1;
inline constexpr int kBadUsage = 2;
inline constexpr int kCancelled = 3;
inline constexpr int kInterrupted = 4;
inline constexpr int kInReview = 5;
inline constexpr int kFolderInUse = 75;
inline constexpr int kFolderUnusable = 78;

int exitStatus(BatchState state);

// Runs a command. An exception becomes a message on standard error and an exit status.
int guarded(const std::function<int()>& command);

}  // namespace sheafline
