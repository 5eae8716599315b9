// What HistoryReader returns, from the rows of its statements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql/statement.h"
#include "history/history_reader.h"

namespace sheafline {

inline constexpr std::string_view kBatchColumns =
    "batch_id, pipeline, pipeline_file, pipeline_text, params, \"user\", state, execution, "
    "owner, created_at, finished_at, seq, "
    "sheets_total, sheets_read, sheets_quarantined, sheets_discarded, sheets_frozen, columns, "
    "outcome, error_code, "
    "error_message, error_stage, created_ms, rowid, sheets_doubtful, answers_doubtful, "
    "entries_total, entries_ignored, "
    "coalesce(name, ''), coalesce(file_name, ''), coalesce(labels, '{}'), "
    "coalesce(CASE WHEN json_valid(params) THEN json_extract(params, '$.exam') END, '') ";
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
