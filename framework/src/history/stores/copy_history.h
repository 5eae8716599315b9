// Copies whole histories into an empty one of another kind. One history keeps the ids of its
// events. Several are put one after the other, in the given order: the events of the second one get
// the ids after the last one of the first. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/sql/database.h"

namespace sheafline {

struct HistorySource {
    sql::Database* database = nullptr;
    std::string old_files{};  // the folder `batches` that the params of batches name
    std::string new_files{};  // where its files are after the copy
};

struct CopiedHistory {
    std::int64_t batches = 0;
    std::int64_t events = 0;
};

// The ids of batches that more than one history has.
std::vector<std::string> sharedBatches(const std::vector<HistorySource>& from);

// Throws Error (HISTORY_NOT_EMPTY) that lists them.
void requireNoBatches(sql::Database& to);

// In one transaction of `to`, which `also` can add to. Throws Error (HISTORY_NOT_EMPTY) before
// anything is written if `to` has batches, and (DATA_FOLDER) if a history is of an earlier version.
CopiedHistory copyHistory(const std::vector<HistorySource>& from, sql::Database& to,
                          const std::function<void()>& also);

// One batch with its events, into an empty history of any kind.
void copyBatch(sql::Database& from, sql::Database& to, const std::string& batch_id);

}  // namespace sheafline
