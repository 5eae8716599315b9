#include "history/reading/reader_rows.h"

#include <optional>
#include <utility>

#include "history/text_list.h"

namespace sheafline {

namespace {

constexpr std::string_view kBatchColumns =
    "batch_id, pipeline, pipeline_file, pipeline_text, params, \"user\", state, execution, "
    "owner, created_at, finished_at, seq, "
    "sheets_total, sheets_read, sheets_quarantined, sheets_discarded, sheets_frozen, columns, "
    "outcome, error_code, "
    "error_message, error_stage, created_ms, rowid, sheets_doubtful, answers_doubtful, "
    "entries_total, entries_ignored, "
    "coalesce(name, ''), coalesce(file_name, ''), coalesce(labels, '{}'), "
    "coalesce(CASE WHEN json_valid(params) THEN json_extract(params, '$.exam') END, '') ";

std::optional<std::uint64_t> optionalCount(const sql::Statement& row, int column) {
    return row.isNull(column) ? std::nullopt : std::optional(count(row, column));
}

}  // namespace

std::uint64_t count(const sql::Statement& row, int column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

std::string selectBatches(const sql::Database& database) {
    return "SELECT " + std::string(kBatchColumns) + ", " +
           std::string(database.dialect().owner_lost) + " FROM batches ";
}

BatchRow batchOf(const sql::Statement& row) {
    BatchRow batch{.batch_id = row.text(0),
                   .pipeline = row.text(1),
                   .pipeline_file = row.text(2),
                   .pipeline_text = row.text(3),
                   .params = row.text(4),
                   .user = row.text(5),
                   .state = batchState(row.text(6)),
                   .execution = static_cast<int>(row.integer(7)),
                   .owner = row.text(8),
                   .created_at = row.text(9),
                   .finished_at = row.optionalText(10),
                   .seq = count(row, 11),
                   .sheets_total = count(row, 12),
                   .sheets_read = count(row, 13),
                   .sheets_quarantined = count(row, 14),
                   .sheets_discarded = count(row, 15),
                   .sheets_doubtful = optionalCount(row, 24),
                   .answers_doubtful = optionalCount(row, 25),
                   .entries_total = optionalCount(row, 26),
                   .entries_ignored = optionalCount(row, 27),
                   .sheets_frozen = row.integer(16) != 0,
                   .columns = textsOf(row.text(17)),
                   .name = row.text(28),
                   .file_name = row.text(29),
                   .labels = row.text(30),
                   .exam = row.text(31),
                   .created_ms = row.integer(22),
                   .row_id = row.integer(23)};
    if (!row.isNull(32)) batch.owner_lost = row.integer(32) != 0;
    std::optional<EventError> error;
    if (batch.owner_lost.value_or(false))
        error = EventError{.code = "OWNER_LOST",
                           .message =
                               "the server that ran it has not answered for 10 s; another "
                               "server takes it over"};
    if (!row.isNull(19))
        error = EventError{.code = row.text(19), .message = row.text(20), .stage = row.text(21)};
    if (row.isNull(18)) {
        batch.stop_error = std::move(error);
    } else {
        batch.outcome = Outcome{.state = batchState(row.text(18)), .error = std::move(error)};
    }
    return batch;
}

std::vector<BatchRow> batchesOf(sql::Statement& rows) {
    std::vector<BatchRow> batches;
    while (rows.step()) batches.push_back(batchOf(rows));
    return batches;
}

std::vector<Sheet> sheetsOf(sql::Statement& rows) {
    std::vector<Sheet> sheets;
    while (rows.step()) {
        sheets.push_back({.number = static_cast<int>(rows.integer(0)),
                          .file = rows.text(1),
                          .page = static_cast<int>(rows.integer(2)),
                          .path = rows.text(3),
                          .state = sheetState(rows.text(4)),
                          .attempt = static_cast<int>(rows.integer(5)),
                          .reason = rows.text(6),
                          .qr = rows.text(7),
                          .group = rows.text(8)});
    }
    return sheets;
}

std::vector<CommittedEvent> eventsOfRows(sql::Statement& rows) {
    std::vector<CommittedEvent> events;
    while (rows.step()) {
        events.push_back({.event_id = rows.integer(0),
                          .batch_id = rows.text(1),
                          .seq = count(rows, 2),
                          .json = rows.text(3)});
    }
    return events;
}

}  // namespace sheafline
