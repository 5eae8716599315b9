#include "history_reader.h"

#include <sheafline/error.h>

#include "history_schema.h"

namespace sheafline {

namespace {

constexpr std::string_view kBatchColumns =
    "SELECT batch_id, pipeline, pipeline_file, pipeline_text, params, user, state, execution, "
    "owner, created_at, finished_at, seq, "
    "sheets_total, sheets_read, sheets_quarantined, sheets_discarded, sheets_frozen, columns, "
    "outcome, error_code, "
    "error_message, error_stage FROM batches ";

const std::filesystem::path& existing(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) {
        throw Error(ErrorClass::permanent, "NO_HISTORY",
                    "there is no history in " + file.parent_path().string() +
                        "; name the folder with --data-dir");
    }
    return file;
}

std::uint64_t count(const Statement& row, int column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

BatchRow batchOf(const Statement& row) {
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
                   .sheets_frozen = row.integer(16) != 0,
                   .columns = textsOf(row.text(17))};
    if (!row.isNull(18)) {
        batch.outcome = Outcome{.state = batchState(row.text(18))};
        if (!row.isNull(19)) {
            batch.outcome->error =
                EventError{.code = row.text(19), .message = row.text(20), .stage = row.text(21)};
        }
    }
    return batch;
}

std::vector<CommittedEvent> eventsOfRows(Statement& rows) {
    std::vector<CommittedEvent> events;
    while (rows.step()) {
        events.push_back({.event_id = rows.integer(0),
                          .batch_id = rows.text(1),
                          .seq = count(rows, 2),
                          .json = rows.text(3)});
    }
    return events;
}

}  // namespace

HistoryReader::HistoryReader(const std::filesystem::path& file)
    : database_(existing(file), OpenMode::read_only) {
    Statement version(database_, "PRAGMA user_version");
    if (version.step() && version.integer(0) != kHistoryVersion) {
        throw Error(ErrorClass::permanent, "HISTORY_TOO_NEW",
                    "the history in " + file.parent_path().string() +
                        " was made by another version of this program");
    }
}

std::optional<BatchRow> HistoryReader::batch(std::string_view batch_id) {
    Statement find(database_, std::string(kBatchColumns) + "WHERE batch_id = ?1");
    if (!find.bind(1, batch_id).step()) return std::nullopt;
    return batchOf(find);
}

std::vector<BatchRow> HistoryReader::batches(int limit) {
    Statement list(database_,
                   std::string(kBatchColumns) + "ORDER BY created_ms DESC, rowid DESC LIMIT ?1");
    list.bind(1, limit);
    std::vector<BatchRow> batches;
    while (list.step()) batches.push_back(batchOf(list));
    return batches;
}

std::vector<StageRow> HistoryReader::stages(std::string_view batch_id, int execution) {
    Statement list(database_,
                   "SELECT stage_id, stage, plugin, plugin_version, in_finally, state, attempt, "
                   "crashes, fingerprint, checkpoint, "
                   "coalesce(boot_id, ''), started_at, finished_at, elapsed_seconds, done, total, "
                   "failed, error FROM stage_runs "
                   "WHERE batch_id = ?1 AND execution = ?2 ORDER BY position");
    list.bind(1, batch_id).bind(2, execution);
    std::vector<StageRow> stages;
    while (list.step()) {
        stages.push_back(
            {.stage_id = list.text(0),
             .stage = list.text(1),
             .plugin = list.text(2),
             .plugin_version = list.text(3),
             .in_finally = list.integer(4) != 0,
             .state = stageState(list.text(5)),
             .attempt = static_cast<int>(list.integer(6)),
             .crashes = static_cast<int>(list.integer(7)),
             .fingerprint = list.optionalText(8),
             .checkpoint = list.optionalText(9),
             .boot_id = list.text(10),
             .started_at = list.optionalText(11),
             .finished_at = list.optionalText(12),
             .elapsed_seconds = list.isNull(13) ? std::nullopt : std::optional(list.real(13)),
             .done = list.real(14),
             .total = list.real(15),
             .failed = count(list, 16),
             .error = list.optionalText(17)});
    }
    return stages;
}

std::vector<ArtifactRow> HistoryReader::artifacts(std::string_view batch_id) {
    Statement list(database_,
                   "SELECT name, size, sha256 FROM artifacts WHERE batch_id = ?1 ORDER BY name");
    list.bind(1, batch_id);
    std::vector<ArtifactRow> artifacts;
    while (list.step())
        artifacts.push_back(
            {.name = list.text(0), .size_bytes = count(list, 1), .sha256 = list.text(2)});
    return artifacts;
}

std::vector<SkippedEntry> HistoryReader::skipped(std::string_view batch_id) {
    Statement list(database_,
                   "SELECT file, reason FROM skipped WHERE batch_id = ?1 ORDER BY rowid");
    list.bind(1, batch_id);
    std::vector<SkippedEntry> skipped;
    while (list.step()) skipped.push_back({.file = list.text(0), .reason = list.text(1)});
    return skipped;
}

std::vector<Sheet> HistoryReader::sheets(std::string_view batch_id) {
    Statement list(database_,
                   "SELECT number, file, page, path, state, attempt, reason, qr, grp FROM sheets "
                   "WHERE batch_id = ?1 "
                   "ORDER BY number");
    list.bind(1, batch_id);
    std::vector<Sheet> sheets;
    while (list.step()) {
        sheets.push_back({.number = static_cast<int>(list.integer(0)),
                          .file = list.text(1),
                          .page = static_cast<int>(list.integer(2)),
                          .path = list.text(3),
                          .state = sheetState(list.text(4)),
                          .attempt = static_cast<int>(list.integer(5)),
                          .reason = list.text(6),
                          .qr = list.text(7),
                          .group = list.text(8)});
    }
    return sheets;
}

std::optional<Reading> HistoryReader::reading(std::string_view batch_id, int number) {
    Statement find(database_,
                   "SELECT \"values\", flags, confidence, evidence FROM readings WHERE batch_id = "
                   "?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, number).step()) return std::nullopt;
    return Reading{.values = textsOf(find.text(0)),
                   .flags = find.text(1),
                   .confidence = find.real(2),
                   .evidence = find.text(3)};
}

std::optional<std::vector<std::string>> HistoryReader::row(std::string_view batch_id, int number) {
    Statement find(database_, "SELECT row FROM rows WHERE batch_id = ?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, number).step()) return std::nullopt;
    return textsOf(find.text(0));
}

std::vector<CommittedEvent> HistoryReader::eventsOf(std::string_view batch_id,
                                                    std::uint64_t after_seq, int limit) {
    Statement list(database_,
                   "SELECT event_id, batch_id, seq, json FROM events WHERE batch_id = ?1 AND seq > "
                   "?2 ORDER BY seq LIMIT ?3");
    list.bind(1, batch_id).bind(2, after_seq).bind(3, limit);
    return eventsOfRows(list);
}

std::vector<CommittedEvent> HistoryReader::eventsAfter(std::int64_t event_id, int limit) {
    Statement list(database_,
                   "SELECT event_id, batch_id, seq, json FROM events WHERE event_id > ?1 ORDER BY "
                   "event_id LIMIT ?2");
    list.bind(1, event_id).bind(2, limit);
    return eventsOfRows(list);
}

std::int64_t HistoryReader::lastEventId() {
    Statement last(database_, "SELECT coalesce(max(event_id), 0) FROM events");
    last.step();
    return last.integer(0);
}

std::optional<std::int64_t> HistoryReader::cursor(std::string_view sink) {
    Statement find(database_, "SELECT cursor FROM sinks WHERE name = ?1");
    if (!find.bind(1, sink).step()) return std::nullopt;
    return find.integer(0);
}

}  // namespace sheafline
