// Copies a whole history into an empty one of another kind, with the same ids. One thread.
#pragma once

#include <cstdint>

#include "base/sql/database.h"

namespace sheafline {

struct CopiedHistory {
    std::int64_t batches = 0;
    std::int64_t events = 0;
};

// In one transaction of `to`. Throws Error (HISTORY_NOT_EMPTY) before anything is written if `to`
// has batches, and (DATA_FOLDER) if `from` is of an earlier version.
CopiedHistory copyHistory(sql::Database& from, sql::Database& to);

}  // namespace sheafline
