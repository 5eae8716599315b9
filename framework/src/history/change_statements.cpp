#include "history/change_statements.h"

#include <algorithm>
#include <optional>

#include <sheafline/error.h>

#include "base/clocks.h"

namespace sheafline {

namespace {

std::string storeArtifactIn(const std::string& table) {
    return "INSERT INTO " + table +
           " VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(batch_id, name) DO UPDATE SET "
           "size=excluded.size, sha256=excluded.sha256, created_at=excluded.created_at, "
           "epoch=excluded.epoch";
}

}  // namespace

ChangeStatements::ChangeStatements(sql::Database& db)
    : create(db,
             "INSERT INTO batches(batch_id, pipeline, pipeline_file, pipeline_text, params, "
             "\"user\", state, owner, created_at, "
             "created_ms, created_boot_ms, boot_id, name, file_name, labels) "
             "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"),
      title(db,
            "UPDATE batches SET name=coalesce(?2,name), labels=coalesce(?3,labels) "
            "WHERE batch_id=?1"),
      exists(db,
             "SELECT 1 FROM batches WHERE batch_id = ?1 UNION ALL SELECT 1 FROM removed WHERE "
             "batch_id = ?1"),
      load(db,
           "SELECT seq, execution, elapsed_seconds, created_ms, created_boot_ms, boot_id, "
           "sheets_total, sheets_read, "
           "sheets_quarantined, sheets_discarded, overall_tenths, state, sheets_doubtful, "
           "answers_doubtful FROM batches WHERE batch_id = ?1"),
      load_stages(db,
                  "SELECT stage_id, weight, in_finally, state, done, total, failed_before FROM "
                  "stage_runs "
                  "WHERE batch_id = ?1 AND execution = ?2"),
      plan(db,
           "INSERT INTO stage_runs(batch_id, execution, position, stage_id, stage, plugin, "
           "plugin_version, weight, "
           "in_finally, state) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,'pending') ON CONFLICT DO "
           "NOTHING"),
      stage_state(
          db, "UPDATE stage_runs SET state=?4 WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
      stage_started(db,
                    "UPDATE stage_runs SET started_at=coalesce(started_at,?4), "
                    "started_ms=coalesce(started_ms,?5), boot_id=?6, "
                    "failed_before=?7, active_since_ms=?8 WHERE batch_id=?1 AND execution=?2 AND "
                    "stage_id=?3"),
      stage_finished(db,
                     "UPDATE stage_runs SET finished_at=?4, elapsed_seconds=CASE WHEN ?5 > "
                     "started_ms THEN (?5-started_ms)/1000.0 ELSE 0.0 END "
                     "WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
      stage_attempt(db,
                    "UPDATE stage_runs SET attempt=?4 WHERE batch_id=?1 AND execution=?2 AND "
                    "stage_id=?3"),
      stage_fingerprint(db,
                        "UPDATE stage_runs SET fingerprint=?4 WHERE batch_id=?1 AND "
                        "execution=?2 AND stage_id=?3"),
      stage_checkpoint(db,
                       "UPDATE stage_runs SET checkpoint=?4 WHERE batch_id=?1 AND execution=?2 "
                       "AND stage_id=?3"),
      stage_error(
          db, "UPDATE stage_runs SET error=?4 WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
      stage_crashed(db,
                    "UPDATE stage_runs SET crashes=crashes+1 WHERE batch_id=?1 AND "
                    "execution=?2 AND stage_id=?3"),
      stage_rests(db,
                  "UPDATE stage_runs SET active_ms=active_ms+CASE WHEN ?4 > active_since_ms "
                  "THEN ?4-active_since_ms ELSE 0 END, active_since_ms=NULL "
                  "WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
      stages_rest(db,
                  "UPDATE stage_runs SET active_since_ms=NULL WHERE batch_id=?1 AND execution=?2 "
                  "AND active_since_ms IS NOT NULL"),
      artifact(db, storeArtifactIn("artifacts")),
      held_artifact(db, storeArtifactIn("held_artifacts")),
      outcome(db,
              "UPDATE batches SET outcome=?2, error_code=?3, error_message=?4, error_stage=?5 "
              "WHERE batch_id=?1"),
      stop_error(db,
                 "UPDATE batches SET error_code=?2, error_message=?3, error_stage=?4 "
                 "WHERE batch_id=?1 AND outcome IS NULL"),
      last_event(db, db.dialect().last_event_id),
      // A sink of one batch is named BATCH/…; its cursor goes with the batch.
      cursor(db,
             "INSERT INTO sinks SELECT ?1, ?2 WHERE ?3 = '' OR EXISTS(SELECT 1 FROM batches WHERE "
             "batch_id = ?3) ON CONFLICT(name) DO UPDATE SET cursor=CASE WHEN excluded.cursor > "
             "sinks.cursor THEN excluded.cursor ELSE sinks.cursor END") {}

BatchTally loadTally(ChangeStatements& sql, const std::string& batch_id) {
    sql::Statement& load = sql.load;
    if (!load.bind(1, batch_id).step()) {
        throw Error(ErrorClass::permanent, "NO_SUCH_BATCH", "there is no batch '" + batch_id + "'");
    }
    BatchTally found{.seq = static_cast<std::uint64_t>(load.integer(0)),
                     .execution = static_cast<int>(load.integer(1)),
                     .elapsed_seconds = load.integer(2),
                     .created = {.wall_ms = load.integer(3), .boot_ms = load.integer(4)},
                     .same_boot = load.text(5) == bootId(),
                     .total = static_cast<std::uint64_t>(load.integer(6)),
                     .read = static_cast<std::uint64_t>(load.integer(7)),
                     .quarantined = static_cast<std::uint64_t>(load.integer(8)),
                     .discarded = static_cast<std::uint64_t>(load.integer(9)),
                     .doubtful = {.sheets = static_cast<std::uint64_t>(load.integer(12)),
                                  .answers = static_cast<std::uint64_t>(load.integer(13))},
                     .overall_tenths = static_cast<int>(load.integer(10)),
                     .state = batchState(load.text(11))};
    load.run();
    sql::Statement& stages = sql.load_stages;
    stages.bind(1, batch_id).bind(2, found.execution);
    while (stages.step()) {
        const StageState state = stageState(stages.text(3));
        const bool over = state == StageState::completed || state == StageState::skipped;
        const double total = stages.real(5);
        found.stages.emplace(
            stages.text(0),
            BatchTally::Stage{
                .weight = stages.real(1),
                .in_overall = stages.integer(2) == 0,
                .share = over ? 1 : (total > 0 ? std::clamp(stages.real(4) / total, 0.0, 1.0) : 0),
                .failed_before = static_cast<std::uint64_t>(stages.integer(6))});
    }
    return found;
}

void ChangeStatements::storeNew(const std::string& batch_id, const NewBatch& batch,
                                const std::string& owner_id) {
    const std::int64_t now = wallMs();
    create.bind(1, batch_id)
        .bind(2, batch.pipeline)
        .bind(3, batch.pipeline_file)
        .bind(4, batch.pipeline_text)
        .bind(5, batch.params)
        .bind(6, batch.user)
        .bind(7, toString(batch.state))
        .bind(8, owner_id)
        .bind(9, utcText(now))
        .bind(10, now)
        .bind(11, bootMs())
        .bind(12, bootId())
        .bind(13, batch.name)
        .bind(14, batch.file_name)
        .bind(15, batch.labels)
        .run();
}

void ChangeStatements::storeTitle(const std::string& batch_id, const NewTitle& change) {
    title.bind(1, batch_id).bind(2, change.name).bind(3, change.labels).run();
}

void ChangeStatements::storeOutcome(const std::string& batch_id, const Outcome& change) {
    const auto& error = change.error;
    outcome.bind(1, batch_id)
        .bind(2, toString(change.state))
        .bind(3, error ? std::optional(error->code) : std::nullopt)
        .bind(4, error ? std::optional(error->message) : std::nullopt)
        .bind(5, error ? std::optional(error->stage) : std::nullopt)
        .run();
}

void ChangeStatements::storeStopError(const std::string& batch_id,
                                      const std::optional<EventError>& error) {
    stop_error.bind(1, batch_id)
        .bind(2, error ? std::optional(error->code) : std::nullopt)
        .bind(3, error ? std::optional(error->message) : std::nullopt)
        .bind(4, error ? std::optional(error->stage) : std::nullopt)
        .run();
}

}  // namespace sheafline
