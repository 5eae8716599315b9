#include "history/execution_rows.h"

#include "base/sql/statement.h"
#include "history/review/doubt_rows.h"

namespace sheafline {

namespace {

// A quarantined sheet with a reading was rejected by a processor, one without a reading by the
// stage that reads the codes.
void readSheetsAgain(sql::Database& database, const std::string& batch_id,
                     const NextExecution& next) {
    const auto run = [&](const std::string& sql) {
        sql::Statement(database, sql).bind(1, batch_id).run();
    };
    const std::string wait =
        "UPDATE sheets SET state = 'waiting', reason = '', attempt = 0 WHERE batch_id = ?1 ";
    const std::string with_reading =
        " AND number IN (SELECT number FROM readings WHERE batch_id = ?1)";
    const std::string without_reading =
        " AND number NOT IN (SELECT number FROM readings WHERE batch_id = ?1)";
    // A sheet that waits keeps its reading only when nothing but its scores is out of date.
    const std::string forget =
        "DELETE FROM readings WHERE batch_id = ?1 AND number IN (SELECT number FROM sheets WHERE "
        "batch_id = ?1 AND state = 'waiting')";
    if (next.codes == SheetChoice::quarantined)
        run(wait + "AND state = 'quarantined'" + without_reading);
    if (next.readings == SheetChoice::all)
        run(wait + "AND state IN ('read', 'quarantined')" + with_reading);
    if (next.readings == SheetChoice::quarantined)
        run(wait + "AND state = 'quarantined'" + with_reading);
    if (next.codes == SheetChoice::all) {
        run(wait + "AND (state = 'quarantined' OR (state = 'discarded' AND by_hand = 0))");
        run("UPDATE sheets SET qr = '', grp = '' WHERE batch_id = ?1 AND by_hand = 0");
    }
    if (next.readings == SheetChoice::scores) {
        run(wait + "AND state = 'read'" + with_reading);
    } else {
        run(forget);
    }
    run("DELETE FROM settled WHERE batch_id = ?1 AND number IN (SELECT number FROM sheets WHERE "
        "batch_id = ?1 AND state = 'waiting')");
}

}  // namespace

void addExecution(sql::Database& database, const std::string& batch_id, const NextExecution& next) {
    // Rare, so nothing is prepared ahead. A batch keeps the stage runs of all its executions.
    const auto run = [&](const char* sql) {
        sql::Statement(database, sql).bind(1, batch_id).run();
    };
    run("INSERT INTO stage_runs SELECT batch_id, execution + 1, position, stage_id, stage, plugin, "
        "plugin_version, weight, in_finally, state, attempt, crashes, fingerprint, checkpoint, "
        "boot_id, started_at, started_ms, finished_at, elapsed_seconds, done, total, "
        "failed_before, failed, error, 0, active_ms, NULL FROM stage_runs WHERE batch_id = ?1 AND "
        "execution = "
        "(SELECT execution FROM batches WHERE batch_id = ?1)");
    readSheetsAgain(database, batch_id, next);
    DoubtRows::dropOfUnreadSheets(database, batch_id);
    run("UPDATE batches SET execution = execution + 1, overall_tenths = 0, outcome = NULL, "
        "error_code = NULL, error_message = NULL, error_stage = NULL, "
        "sheets_read = (SELECT count(*) FROM sheets WHERE batch_id = ?1 AND state = 'read'), "
        "sheets_quarantined = (SELECT count(*) FROM sheets WHERE batch_id = ?1 AND state = "
        "'quarantined'), sheets_discarded = (SELECT count(*) FROM sheets WHERE batch_id = ?1 AND "
        "state = 'discarded') WHERE batch_id = ?1");
    reopenStages(database, batch_id, next.reruns);
}

void reopenStages(sql::Database& database, const std::string& batch_id,
                  const std::vector<RerunStage>& stages) {
    sql::Statement again(
        database,
        "UPDATE stage_runs SET state = 'pending', attempt = 0, crashes = 0, started_at "
        "= NULL, started_ms = NULL, finished_at = NULL, elapsed_seconds = NULL, active_ms = 0, "
        "done = "
        "0, total = 0, failed_before = 0, failed = 0, error = NULL, fingerprint = CASE "
        "WHEN ?3 = 1 THEN fingerprint END, checkpoint = CASE WHEN ?3 = 1 THEN checkpoint END, "
        "changes_only = ?4 WHERE batch_id = ?1 AND stage_id = ?2 AND execution = "
        "(SELECT execution FROM batches WHERE batch_id = ?1)");
    for (const RerunStage& stage : stages)
        again.bind(1, batch_id)
            .bind(2, stage.stage_id)
            .bind(3, stage.keeps_checkpoint ? 1 : 0)
            .bind(4, stage.changes_only ? 1 : 0)
            .run();
}

void removeRows(sql::Database& database, const std::string& batch_id) {
    for (const char* table :
         {"events", "stage_runs", "sheets", "readings", "rows", "doubts", "skipped", "artifacts",
          "held_artifacts", "decisions", "settled", "applies", "kept", "shares", "batches"}) {
        sql::Statement(database, std::string("DELETE FROM ") + table + " WHERE batch_id = ?1")
            .bind(1, batch_id)
            .run();
    }
    // The cursors of its sinks.
    sql::Statement(database, "DELETE FROM sinks WHERE substr(name, 1, length(?1) + 1) = ?1 || '/'")
        .bind(1, batch_id)
        .run();
    sql::Statement(database, "INSERT INTO removed VALUES(?1)").bind(1, batch_id).run();
}

}  // namespace sheafline
