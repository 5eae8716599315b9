#include "history/history_reader.h"

#include <array>

#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "history/history_schema.h"
#include "history/reading/reader_rows.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

const std::filesystem::path& existing(const std::filesystem::path& file) {
    std::error_code error;
    const bool exists = std::filesystem::exists(file, error);
    if (error) throwSystemError(error.value(), "cannot open " + file.filename().string());
    if (!exists) {
        throw Error(ErrorClass::permanent, "NO_HISTORY",
                    "there is no history in " + file.parent_path().string() +
                        "; name the folder with --data-dir");
    }
    return file;
}

struct AddedColumn {
    int version;  // of the history that has it first
    const char* name;
};

constexpr std::array kAddedColumns{AddedColumn{3, "sheets_doubtful"},
                                   AddedColumn{3, "answers_doubtful"},
                                   AddedColumn{5, "entries_total"},
                                   AddedColumn{5, "entries_ignored"},
                                   AddedColumn{6, "name"},
                                   AddedColumn{6, "file_name"},
                                   AddedColumn{6, "labels"}};

// Makes a history of an earlier version readable: it has the tables and columns of this version,
// and columns that its batches lack are unknown.
void showAsNewest(sqlite::Database& database, std::int64_t version) {
    std::string columns;
    for (const AddedColumn& column : kAddedColumns)
        if (column.version > version) columns += std::string(", NULL AS ") + column.name;
    database.execute("CREATE TEMP VIEW batches AS SELECT *, rowid AS rowid" + columns +
                     " FROM main.batches");
    database.execute(
        "CREATE TEMP VIEW stage_runs AS SELECT *, NULL AS active_ms" +
        std::string(version < kFirstHistoryWithDecisions ? ", 0 AS changes_only" : "") +
        " FROM main.stage_runs");
    if (version < kFirstHistoryWithShares)
        database.execute(
            "CREATE TEMP TABLE shares(batch_id, user, shared_by, shared_at);"
            "CREATE TEMP TABLE share_revision(number); INSERT INTO share_revision VALUES(0)");
    if (version < kFirstHistoryWithDecisions)
        database.execute(
            "CREATE TEMP TABLE settled(batch_id, number, \"values\", flags, confidence, evidence);"
            "CREATE TEMP TABLE decisions(batch_id, decision_id, sheet, field, kind, value, undoes, "
            "before, before_flag, user, decided_at, reason, request, state, execution, undone_by)");
}

}  // namespace

HistoryReader::HistoryReader(const std::filesystem::path& file)
    : database_(existing(file), {.mode = sqlite::OpenMode::read_only}) {
    const std::int64_t version = database_.integerOf("PRAGMA user_version");
    const std::string place = "the history in " + file.parent_path().string();
    if (version > kHistoryVersion) {
        throw Error(ErrorClass::permanent, "HISTORY_TOO_NEW",
                    place + " has version " + std::to_string(version) +
                        "; run the newer program that made it, or name another --data-dir");
    }
    if (version < kOldestReadableHistory) {
        throw Error(
            ErrorClass::permanent, "DATA_FOLDER",
            place + " is of an older version; `sheafline serve`, `run` or `resume` migrates it");
    }
    if (version < kHistoryVersion) showAsNewest(database_, version);
}

std::optional<BatchRow> HistoryReader::batch(std::string_view batch_id) {
    sqlite::Statement find(database_, std::string(kBatchColumns) + "WHERE batch_id = ?1");
    if (!find.bind(1, batch_id).step()) return std::nullopt;
    return batchOf(find);
}

std::vector<BatchRow> HistoryReader::batches(const BatchFilter& filter) {
    constexpr std::string_view kWanted =
        "WHERE (?1 IS NULL OR user = ?1 OR EXISTS(SELECT 1 FROM shares s WHERE "
        "s.batch_id = batches.batch_id AND s.user IN (?1, '*'))) AND (?2 IS NULL OR state = ?2) "
        "AND (?3 IS NULL OR pipeline = ?3) AND (?4 = '' OR instr(lower(batch_id || char(10) || "
        "coalesce(name, '') || char(10) || coalesce(file_name, '') || char(10) || "
        "coalesce(CASE WHEN json_valid(params) THEN json_extract(params, '$.exam') END, '')), "
        "lower(?4)) > 0 OR EXISTS(SELECT 1 FROM json_each(coalesce(labels, '{}')) l WHERE "
        "instr(lower(l.key || '=' || l.value), lower(?4)) > 0)) AND (?6 IS NULL OR ";
    std::string order;
    switch (filter.sort) {
        case BatchSort::newest:
            order = "(created_ms, rowid) < (?5, ?6)) ORDER BY created_ms DESC, rowid DESC";
            break;
        case BatchSort::oldest:
            order = "(created_ms, rowid) > (?5, ?6)) ORDER BY created_ms, rowid";
            break;
        case BatchSort::by_name:
            order =
                "(lower(coalesce(name, '')), rowid) > (lower(?7), ?6)) "
                "ORDER BY lower(coalesce(name, '')), rowid";
            break;
    }
    sqlite::Statement list(database_,
                           std::string(kBatchColumns) + std::string(kWanted) + order + " LIMIT ?8");
    list.bind(1, filter.user).bind(3, filter.pipeline).bind(4, filter.text).bind(8, filter.limit);
    if (filter.state) list.bind(2, toString(*filter.state));
    if (filter.after) {
        list.bind(6, filter.after->row_id);
        if (filter.sort == BatchSort::by_name) {
            list.bind(7, filter.after->name);
        } else {
            list.bind(5, filter.after->created_ms);
        }
    }
    return batchesOf(list);
}

std::vector<BatchRow> HistoryReader::unfinished() {
    sqlite::Statement list(database_, std::string(kBatchColumns) +
                                          "WHERE state NOT IN ('completed', 'failed', 'cancelled') "
                                          "ORDER BY created_ms, rowid");
    return batchesOf(list);
}

std::vector<BatchRow> HistoryReader::endedBefore(std::string_view utc) {
    sqlite::Statement list(database_, std::string(kBatchColumns) +
                                          "WHERE finished_at < ?1 ORDER BY created_ms LIMIT 100");
    list.bind(1, utc);
    return batchesOf(list);
}

std::map<std::string, std::uint64_t> HistoryReader::countByState() {
    sqlite::Statement counts(database_, "SELECT state, count(*) FROM batches GROUP BY state");
    std::map<std::string, std::uint64_t> states;
    while (counts.step()) states[counts.text(0)] = count(counts, 1);
    return states;
}

DoubtCounts HistoryReader::countDoubts() {
    sqlite::Statement sum(database_,
                          "SELECT coalesce(sum(sheets_doubtful), 0), "
                          "coalesce(sum(answers_doubtful), 0) FROM batches");
    sum.step();
    return {.sheets = count(sum, 0), .answers = count(sum, 1)};
}

std::map<std::string, std::uint64_t> HistoryReader::countRunningStages() {
    sqlite::Statement counts(
        database_,
        "SELECT stage, count(*) FROM batches JOIN stage_runs USING(batch_id, execution) "
        "WHERE batches.state IN ('running', 'retrying', 'cancelling') "
        "AND stage_runs.state IN ('running', 'retrying') GROUP BY stage");
    std::map<std::string, std::uint64_t> stages;
    while (counts.step()) stages[counts.text(0)] = count(counts, 1);
    return stages;
}

std::vector<StageRow> HistoryReader::stages(std::string_view batch_id, int execution) {
    sqlite::Statement list(
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
    sqlite::Statement list(
        database_, "SELECT name, size, sha256 FROM artifacts WHERE batch_id = ?1 ORDER BY name");
    list.bind(1, batch_id);
    std::vector<ArtifactRow> artifacts;
    while (list.step())
        artifacts.push_back(
            {.name = list.text(0), .size_bytes = count(list, 1), .sha256 = list.text(2)});
    return artifacts;
}

std::vector<SkippedEntry> HistoryReader::ignored(std::string_view batch_id, std::int64_t after,
                                                 int limit) {
    sqlite::Statement list(database_,
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
    sqlite::Statement list(database_,
                           std::string(kSheetColumns) + "WHERE batch_id = ?1 ORDER BY number");
    list.bind(1, batch_id);
    return sheetsOf(list);
}

std::optional<Sheet> HistoryReader::sheet(std::string_view batch_id, int number) {
    sqlite::Statement find(database_,
                           std::string(kSheetColumns) + "WHERE batch_id = ?1 AND number = ?2");
    find.bind(1, batch_id).bind(2, number);
    const auto found = sheetsOf(find);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<Sheet> HistoryReader::sheetsAfter(std::string_view batch_id, int number,
                                              std::optional<SheetState> state, int limit) {
    sqlite::Statement list(database_,
                           std::string(kSheetColumns) +
                               "WHERE batch_id = ?1 AND number > ?2 AND (?3 IS NULL OR state = "
                               "?3) ORDER BY number LIMIT ?4");
    list.bind(1, batch_id).bind(2, number).bind(4, limit);
    if (state) list.bind(3, toString(*state));
    return sheetsOf(list);
}

std::optional<Reading> HistoryReader::reading(std::string_view batch_id, int number) {
    sqlite::Statement find(
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
    sqlite::Statement find(database_, "SELECT row FROM rows WHERE batch_id = ?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, number).step()) return std::nullopt;
    return textsOf(find.text(0));
}

std::vector<CommittedEvent> HistoryReader::eventsOf(std::string_view batch_id,
                                                    std::uint64_t after_seq, int limit) {
    sqlite::Statement list(
        database_,
        "SELECT event_id, batch_id, seq, json FROM events WHERE batch_id = ?1 AND seq > "
        "?2 ORDER BY seq LIMIT ?3");
    list.bind(1, batch_id).bind(2, after_seq).bind(3, limit);
    return eventsOfRows(list);
}

std::vector<CommittedEvent> HistoryReader::eventsAfter(std::int64_t event_id, int limit) {
    sqlite::Statement list(
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
    sqlite::Statement list(database_,
                           "SELECT event_id, batch_id, seq, json FROM events WHERE batch_id = ?1 "
                           "AND seq > coalesce((SELECT seq FROM events WHERE batch_id = ?1 AND "
                           "event_id <= ?2 ORDER BY seq DESC LIMIT 1), 0) AND event_id <= ?3 "
                           "ORDER BY seq LIMIT ?4");
    list.bind(1, batch_id).bind(2, after_id).bind(3, last_id).bind(4, limit);
    return eventsOfRows(list);
}

std::int64_t HistoryReader::firstEventId(std::string_view batch_id) {
    sqlite::Statement first(database_,
                            "SELECT event_id FROM events WHERE batch_id = ?1 ORDER BY seq LIMIT 1");
    return first.bind(1, batch_id).step() ? first.integer(0) : 0;
}

std::int64_t HistoryReader::lastEventId() {
    sqlite::Statement last(database_, "SELECT coalesce(max(event_id), 0) FROM events");
    last.step();
    return last.integer(0);
}

std::optional<std::int64_t> HistoryReader::cursor(std::string_view sink) {
    sqlite::Statement find(database_, "SELECT cursor FROM sinks WHERE name = ?1");
    if (!find.bind(1, sink).step()) return std::nullopt;
    return find.integer(0);
}

}  // namespace sheafline
