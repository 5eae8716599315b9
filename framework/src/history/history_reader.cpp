#include "history/history_reader.h"

#include <Poco/String.h>

#include "base/sql/statement.h"
#include "history/reading/reader_rows.h"
#include "history/stores/open_history.h"
#include "history/text_list.h"

namespace sheafline {

HistoryReader::HistoryReader(const sql::Place& place)
    : store_(openHistoryToRead(place)), database_(*store_) {}

std::optional<BatchRow> HistoryReader::batch(std::string_view batch_id) {
    sql::Statement find(database_, selectBatches(database_) + "WHERE batch_id = ?1");
    if (!find.bind(1, batch_id).step()) return std::nullopt;
    return batchOf(find);
}

std::vector<BatchRow> HistoryReader::batches(const BatchFilter& filter) {
    constexpr std::string_view kWanted =
        "WHERE (\"user\" = ?1 OR ?1 IS NULL OR EXISTS(SELECT 1 FROM shares s WHERE "
        "s.batch_id = batches.batch_id AND s.\"user\" IN (?1, '*'))) AND (state = ?2 OR ?2 IS "
        "NULL) AND (pipeline = ?3 OR ?3 IS NULL) AND (?4 = '' OR instr(lower(batch_id || '\n' || "
        "coalesce(name, '') || '\n' || coalesce(file_name, '') || '\n' || "
        "coalesce(CASE WHEN json_valid(params) THEN json_extract(params, '$.exam') END, '')), "
        "?4) > 0 OR EXISTS(SELECT 1 FROM json_each(coalesce(labels, '{}'), '$') l WHERE "
        "instr(lower(l.key || '=' || l.value), ?4) > 0)) AND (";
    std::string order;
    switch (filter.sort) {
        case BatchSort::newest:
            order =
                "(created_ms, rowid) < (?5, ?6) OR ?6 IS NULL) ORDER BY created_ms DESC, rowid "
                "DESC";
            break;
        case BatchSort::oldest:
            order = "(created_ms, rowid) > (?5, ?6) OR ?6 IS NULL) ORDER BY created_ms, rowid";
            break;
        case BatchSort::by_name:
            order =
                "(lower(coalesce(name, '')), rowid) > (?7, ?6) OR ?6 IS NULL) "
                "ORDER BY lower(coalesce(name, '')), rowid";
            break;
    }
    sql::Statement list(database_,
                        selectBatches(database_) + std::string(kWanted) + order + " LIMIT ?8");
    list.bind(1, filter.user)
        .bind(3, filter.pipeline)
        .bind(4, Poco::toLower(filter.text))
        .bind(8, filter.limit);
    if (filter.state) list.bind(2, toString(*filter.state));
    if (filter.after) {
        list.bind(6, filter.after->row_id);
        if (filter.sort == BatchSort::by_name) {
            list.bind(7, Poco::toLower(filter.after->name));
        } else {
            list.bind(5, filter.after->created_ms);
        }
    }
    return batchesOf(list);
}

std::vector<BatchRow> HistoryReader::unfinished() {
    sql::Statement list(database_, selectBatches(database_) +
                                       "WHERE state NOT IN ('completed', 'failed', 'cancelled') "
                                       "ORDER BY created_ms, rowid");
    return batchesOf(list);
}

std::vector<BatchRow> HistoryReader::endedBefore(std::string_view utc) {
    sql::Statement list(database_, selectBatches(database_) +
                                       "WHERE finished_at < ?1 ORDER BY created_ms LIMIT 100");
    list.bind(1, utc);
    return batchesOf(list);
}

std::map<std::string, std::uint64_t> HistoryReader::countByState() {
    sql::Statement counts(database_, "SELECT state, count(*) FROM batches GROUP BY state");
    std::map<std::string, std::uint64_t> states;
    while (counts.step()) states[counts.text(0)] = count(counts, 1);
    return states;
}

DoubtCounts HistoryReader::countDoubts() {
    sql::Statement sum(database_,
                       "SELECT coalesce(sum(sheets_doubtful), 0), "
                       "coalesce(sum(answers_doubtful), 0) FROM batches");
    sum.step();
    return {.sheets = count(sum, 0), .answers = count(sum, 1)};
}

std::map<std::string, std::uint64_t> HistoryReader::countRunningStages() {
    sql::Statement counts(
        database_,
        "SELECT stage, count(*) FROM batches JOIN stage_runs USING(batch_id, execution) "
        "WHERE batches.state IN ('running', 'retrying', 'cancelling') "
        "AND stage_runs.state IN ('running', 'retrying') GROUP BY stage");
    std::map<std::string, std::uint64_t> stages;
    while (counts.step()) stages[counts.text(0)] = count(counts, 1);
    return stages;
}

std::vector<StageRow> HistoryReader::stages(std::string_view batch_id, int execution) {
    sql::Statement list(
        database_,
        "SELECT stage_id, stage, plugin, plugin_version, in_finally, state, attempt, "
        "crashes, fingerprint, checkpoint, "
        "coalesce(boot_id, ''), started_at, finished_at, elapsed_seconds, done, total, "
        "failed, error, changes_only, active_ms FROM stage_runs "
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
             .error = list.optionalText(17),
             .changes_only = list.integer(18) != 0,
             .active_seconds = list.isNull(11) || list.isNull(19)
                                   ? std::nullopt
                                   : std::optional(list.real(19) / 1000)});
    }
    return stages;
}

std::vector<ArtifactRow> HistoryReader::artifacts(std::string_view batch_id) {
    return artifactsIn("artifacts", batch_id);
}

std::vector<ArtifactRow> HistoryReader::heldArtifacts(std::string_view batch_id) {
    return artifactsIn("held_artifacts", batch_id);
}

std::vector<ArtifactRow> HistoryReader::artifactsIn(const std::string& table,
                                                    std::string_view batch_id) {
    sql::Statement list(database_, "SELECT name, size, sha256, epoch FROM " + table +
                                       " WHERE batch_id = ?1 ORDER BY name");
    list.bind(1, batch_id);
    std::vector<ArtifactRow> artifacts;
    while (list.step())
        artifacts.push_back({.name = list.text(0),
                             .size_bytes = count(list, 1),
                             .sha256 = list.text(2),
                             .epoch = list.integer(3)});
    return artifacts;
}

std::vector<SkippedEntry> HistoryReader::ignored(std::string_view batch_id, std::int64_t after,
                                                 int limit) {
    sql::Statement list(database_,
                        "SELECT file, reason, rowid FROM skipped WHERE batch_id = ?1 AND "
                        "rowid > ?2 ORDER BY rowid LIMIT ?3");
    list.bind(1, batch_id).bind(2, after).bind(3, limit);
    std::vector<SkippedEntry> ignored;
    while (list.step())
        ignored.push_back(
            {.file = list.text(0), .reason = list.text(1), .row_id = list.integer(2)});
    return ignored;
}

std::vector<Sheet> HistoryReader::sheets(std::string_view batch_id) {
    sql::Statement list(database_,
                        std::string(kSheetColumns) + "WHERE batch_id = ?1 ORDER BY number");
    list.bind(1, batch_id);
    return sheetsOf(list);
}

std::optional<Sheet> HistoryReader::sheet(std::string_view batch_id, int number) {
    sql::Statement find(database_,
                        std::string(kSheetColumns) + "WHERE batch_id = ?1 AND number = ?2");
    find.bind(1, batch_id).bind(2, number);
    const auto found = sheetsOf(find);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<Sheet> HistoryReader::sheetsAfter(std::string_view batch_id, int number,
                                              std::optional<SheetState> state, int limit) {
    sql::Statement list(database_,
                        std::string(kSheetColumns) +
                            "WHERE batch_id = ?1 AND number > ?2 AND (state = ?3 OR ?3 IS "
                            "NULL) ORDER BY number LIMIT ?4");
    list.bind(1, batch_id).bind(2, number).bind(4, limit);
    if (state) list.bind(3, toString(*state));
    return sheetsOf(list);
}

std::optional<Reading> HistoryReader::reading(std::string_view batch_id, int number) {
    sql::Statement find(
        database_,
        "SELECT coalesce(s.\"values\", r.\"values\"), coalesce(s.flags, r.flags), "
        "coalesce(s.confidence, r.confidence), coalesce(s.evidence, r.evidence) FROM readings r "
        "LEFT JOIN settled s USING(batch_id, number) WHERE batch_id = ?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, number).step()) return std::nullopt;
    return Reading{.values = textsOf(find.text(0)),
                   .flags = find.text(1),
                   .confidence = find.real(2),
                   .evidence = find.text(3)};
}

std::optional<std::vector<std::string>> HistoryReader::row(std::string_view batch_id, int number) {
    sql::Statement find(database_, "SELECT row FROM rows WHERE batch_id = ?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, number).step()) return std::nullopt;
    return textsOf(find.text(0));
}

std::vector<CommittedEvent> HistoryReader::eventsOf(std::string_view batch_id,
                                                    std::uint64_t after_seq, int limit) {
    sql::Statement list(
        database_,
        "SELECT event_id, batch_id, seq, json FROM events WHERE batch_id = ?1 AND seq > "
        "?2 ORDER BY seq LIMIT ?3");
    list.bind(1, batch_id).bind(2, after_seq).bind(3, limit);
    return eventsOfRows(list);
}

std::vector<CommittedEvent> HistoryReader::eventsAfter(std::int64_t event_id, int limit) {
    sql::Statement list(
        database_,
        "SELECT event_id, batch_id, seq, json FROM events WHERE event_id > ?1 ORDER BY "
        "event_id LIMIT ?2");
    list.bind(1, event_id).bind(2, limit);
    return eventsOfRows(list);
}

std::vector<CommittedEvent> HistoryReader::eventsBetween(std::string_view batch_id,
                                                         std::int64_t after_id,
                                                         std::int64_t last_id, int limit) {
    // Within a batch the ids rise with seq, so the index on (batch_id, seq) gives the order.
    sql::Statement list(database_,
                        "SELECT event_id, batch_id, seq, json FROM events WHERE batch_id = ?1 "
                        "AND seq > coalesce((SELECT seq FROM events WHERE batch_id = ?1 AND "
                        "event_id <= ?2 ORDER BY seq DESC LIMIT 1), 0) AND event_id <= ?3 "
                        "ORDER BY seq LIMIT ?4");
    list.bind(1, batch_id).bind(2, after_id).bind(3, last_id).bind(4, limit);
    return eventsOfRows(list);
}

std::int64_t HistoryReader::firstEventId(std::string_view batch_id) {
    sql::Statement first(database_,
                         "SELECT event_id FROM events WHERE batch_id = ?1 ORDER BY seq LIMIT 1");
    return first.bind(1, batch_id).step() ? first.integer(0) : 0;
}

std::int64_t HistoryReader::lastEventId() {
    sql::Statement last(database_, "SELECT coalesce(max(event_id), 0) FROM events");
    last.step();
    return last.integer(0);
}

std::optional<std::int64_t> HistoryReader::cursor(std::string_view sink) {
    sql::Statement find(database_, "SELECT cursor FROM sinks WHERE name = ?1");
    if (!find.bind(1, sink).step()) return std::nullopt;
    return find.integer(0);
}

}  // namespace sheafline
