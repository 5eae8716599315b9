// What HistoryReader returns, from the rows of its statements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql/statement.h"
#include "history/history_reader.h"

namespace sheafline {

inline constexpr std::string_view kSheetColumns =
    "SELECT number, file, page, path, state, attempt, reason, qr, grp FROM sheets ";

std::uint64_t count(const sql::Statement& row, int column);

std::string selectBatches(const sql::Database& database);  // … FROM batches

// Statements that begin with selectBatches() or kSheetColumns:
BatchRow batchOf(const sql::Statement& row);
std::vector<BatchRow> batchesOf(sql::Statement& rows);
std::vector<Sheet> sheetsOf(sql::Statement& rows);
// SELECT event_id, batch_id, seq, json
std::vector<CommittedEvent> eventsOfRows(sql::Statement& rows);

}  // namespace sheafline
