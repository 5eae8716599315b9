#include "history/change_writer.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "base/clocks.h"
#include "history/event_json.h"
#include "history/history_schema.h"

namespace sheafline {

namespace {

std::string claimed(const std::string& batch_id) {
    return "the batch '" + batch_id + "' exists already; go on with it by: sheafline resume " +
           batch_id;
}

}  // namespace

// Prepared once: a statement costs more to prepare than to run.
struct ChangeWriter::Statements {
    explicit Statements(sqlite::Database& db)
        : create(db,
                 "INSERT INTO batches(batch_id, pipeline, pipeline_file, pipeline_text, params, "
                 "user, state, owner, created_at, "
                 "created_ms, created_boot_ms, boot_id) "
                 "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)"),
          exists(db,
                 "SELECT 1 FROM batches WHERE batch_id = ?1 UNION ALL SELECT 1 FROM removed WHERE "
                 "batch_id = ?1"),
          load(db,
               "SELECT seq, execution, elapsed_seconds, created_ms, created_boot_ms, boot_id, "
               "sheets_total, sheets_read, "
               "sheets_quarantined, sheets_discarded, overall_tenths, state FROM batches WHERE "
               "batch_id = ?1"),
          load_stages(db,
                      "SELECT stage_id, weight, in_finally, state, done, total, failed_before FROM "
                      "stage_runs "
                      "WHERE batch_id = ?1 AND execution = ?2"),
          store(db,
                "UPDATE batches SET seq=?2, elapsed_seconds=?3, overall_tenths=?4, "
                "sheets_total=?5, sheets_read=?6, "
                "sheets_quarantined=?7, sheets_discarded=?8, state=?9, execution=?10, "
                "finished_at=?11, owner=?12 WHERE batch_id=?1"),
          plan(db,
               "INSERT INTO stage_runs(batch_id, execution, position, stage_id, stage, plugin, "
               "plugin_version, weight, "
               "in_finally, state) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,'pending') ON CONFLICT DO "
               "NOTHING"),
          stage_state(
              db,
              "UPDATE stage_runs SET state=?4 WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
          stage_started(db,
                        "UPDATE stage_runs SET started_at=coalesce(started_at,?4), "
                        "started_ms=coalesce(started_ms,?5), boot_id=?6, "
                        "failed_before=?7 WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
          stage_finished(db,
                         "UPDATE stage_runs SET finished_at=?4, elapsed_seconds=max(0, "
                         "?5-coalesce(started_ms,?5))/1000.0 "
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
              db,
              "UPDATE stage_runs SET error=?4 WHERE batch_id=?1 AND execution=?2 AND stage_id=?3"),
          stage_crashed(db,
                        "UPDATE stage_runs SET crashes=crashes+1 WHERE batch_id=?1 AND "
                        "execution=?2 AND stage_id=?3"),
          stage_progress(db,
                         "UPDATE stage_runs SET done=?4, total=?5, failed=?6 WHERE batch_id=?1 AND "
                         "execution=?2 AND stage_id=?3"),
          add_sheet(db,
                    "INSERT INTO sheets(batch_id, number, file, page, path, state) "
                    "VALUES(?1,?2,?3,?4,?5,'waiting')"),
          freeze(db, "UPDATE batches SET sheets_frozen=1 WHERE batch_id=?1"),
          columns(db, "UPDATE batches SET columns=?2 WHERE batch_id=?1"),
          sheet_path(db, "UPDATE sheets SET path=?3 WHERE batch_id=?1 AND number=?2"),
          sheet_code(db,
                     "UPDATE sheets SET qr=coalesce(?3,qr), grp=coalesce(?4,grp) WHERE batch_id=?1 "
                     "AND number=?2"),
          sheet_state(db, "SELECT state FROM sheets WHERE batch_id=?1 AND number=?2"),
          sheet_move(db, "UPDATE sheets SET state=?3 WHERE batch_id=?1 AND number=?2"),
          sheet_reason(db, "UPDATE sheets SET reason=?3 WHERE batch_id=?1 AND number=?2"),
          sheet_by_hand(db,
                        "UPDATE sheets SET by_hand=1, attempt=0 WHERE batch_id=?1 AND number=?2"),
          sheet_attempt(db, "UPDATE sheets SET attempt=attempt+1 WHERE batch_id=?1 AND number=?2"),
          reading(db, "INSERT OR REPLACE INTO readings VALUES(?1,?2,?3,?4,?5,?6)"),
          forget_reading(db, "DELETE FROM readings WHERE batch_id=?1 AND number=?2"),
          row(db, "INSERT OR REPLACE INTO rows VALUES(?1,?2,?3)"),
          skip(db, "INSERT INTO skipped VALUES(?1,?2,?3)"),
          artifact(db, "INSERT OR REPLACE INTO artifacts VALUES(?1,?2,?3,?4,?5)"),
          outcome(db,
                  "UPDATE batches SET outcome=?2, error_code=?3, error_message=?4, error_stage=?5 "
                  "WHERE batch_id=?1"),
          event(db, "INSERT INTO events(batch_id, seq, execution, json) VALUES(?1,?2,?3,?4)"),
          last_event(db, "SELECT seq FROM sqlite_sequence WHERE name = 'events'"),
          // A sink of one batch is named BATCH/…; its cursor goes with the batch.
          cursor(db,
                 "INSERT OR REPLACE INTO sinks SELECT ?1, ?2 WHERE instr(?1, '/') = 0 OR EXISTS("
                 "SELECT 1 FROM batches WHERE batch_id = substr(?1, 1, instr(?1, '/') - 1))") {}

    sqlite::Statement create, exists, load, load_stages, store, plan, stage_state, stage_started,
        stage_finished, stage_attempt, stage_fingerprint, stage_checkpoint, stage_error,
        stage_crashed, stage_progress, add_sheet, freeze, columns, sheet_path, sheet_code,
        sheet_state, sheet_move, sheet_reason, sheet_by_hand, sheet_attempt, reading,
        forget_reading, row, skip, artifact, outcome, event, last_event, cursor;
};

ChangeWriter::ChangeWriter(const std::filesystem::path& file, std::string owner_id)
    : database_file_(openDatabase(file, historyFormat())),
      database_(*database_file_),
      owner_id_(std::move(owner_id)) {
    database_.execute("PRAGMA wal_autocheckpoint = 4000");
    sql_ = std::make_unique<Statements>(database_);
    if (sql_->last_event.step()) last_event_id_ = sql_->last_event.integer(0);
    sql_->last_event.run();
}

ChangeWriter::~ChangeWriter() = default;

void ChangeWriter::forget() {
    tallies_.clear();
    last_event_id_ = 0;
    if (sql_->last_event.step()) last_event_id_ = sql_->last_event.integer(0);
    sql_->last_event.run();
}

void ChangeWriter::setCursor(const std::string& sink, std::int64_t event_id) {
    sql_->cursor.bind(1, sink).bind(2, event_id).run();
}

ChangeWriter::Tally& ChangeWriter::tally(const std::string& batch_id) {
    if (const auto known = tallies_.find(batch_id); known != tallies_.end()) return known->second;
    sqlite::Statement& load = sql_->load;
    if (!load.bind(1, batch_id).step()) {
        throw Error(ErrorClass::permanent, "NO_SUCH_BATCH", "there is no batch '" + batch_id + "'");
    }
    Tally found{.seq = static_cast<std::uint64_t>(load.integer(0)),
                .execution = static_cast<int>(load.integer(1)),
                .elapsed_seconds = load.integer(2),
                .created_ms = load.integer(3),
                .created_boot_ms = load.integer(4),
                .same_boot = load.text(5) == bootId(),
                .total = static_cast<std::uint64_t>(load.integer(6)),
                .read = static_cast<std::uint64_t>(load.integer(7)),
                .quarantined = static_cast<std::uint64_t>(load.integer(8)),
                .discarded = static_cast<std::uint64_t>(load.integer(9)),
                .overall_tenths = static_cast<int>(load.integer(10)),
                .state = batchState(load.text(11))};
    load.run();
    sqlite::Statement& stages = sql_->load_stages;
    stages.bind(1, batch_id).bind(2, found.execution);
    while (stages.step()) {
        const StageState state = stageState(stages.text(3));
        const bool over = state == StageState::completed || state == StageState::skipped;
        const double total = stages.real(5);
        found.stages.emplace(
            stages.text(0),
            StageTally{
                .weight = stages.real(1),
                .counts = stages.integer(2) == 0,
                .share = over ? 1 : (total > 0 ? std::clamp(stages.real(4) / total, 0.0, 1.0) : 0),
                .failed_before = static_cast<std::uint64_t>(stages.integer(6))});
    }
    return tallies_.emplace(batch_id, std::move(found)).first->second;
}

void ChangeWriter::apply(const Change& change) {
    database_.execute("SAVEPOINT one");
    const auto before = tallies_.find(change.batch_id);
    const std::optional<Tally> saved =
        before == tallies_.end() ? std::nullopt : std::optional(before->second);
    const std::int64_t saved_event_id = last_event_id_;
    try {
        if (change.remove) return remove(change.batch_id);
        if (change.create) create(change);
        if (change.next_execution) openExecution(change.batch_id, *change.next_execution);
        Tally& counts = tally(change.batch_id);
        plan(change, counts);
        if (change.state) counts.state = *change.state;
        changeStages(change, counts);
        changeSheets(change, counts);
        for (const ArtifactRow& artifact : change.artifacts) {
            sql_->artifact.bind(1, change.batch_id)
                .bind(2, artifact.name)
                .bind(3, artifact.size_bytes)
                .bind(4, artifact.sha256)
                .bind(5, utcText(wallMs()))
                .run();
        }
        if (change.outcome) {
            const auto& error = change.outcome->error;
            sql_->outcome.bind(1, change.batch_id)
                .bind(2, toString(change.outcome->state))
                .bind(3, error ? std::optional(error->code) : std::nullopt)
                .bind(4, error ? std::optional(error->message) : std::nullopt)
                .bind(5, error ? std::optional(error->stage) : std::nullopt)
                .run();
        }
        for (const EventDraft& draft : change.events) addEvent(change, draft, counts);
        store(change.batch_id, counts);
    } catch (...) {
        if (database_.inTransaction()) database_.execute("ROLLBACK TO one; RELEASE one");
        tallies_.erase(change.batch_id);
        if (saved) tallies_.emplace(change.batch_id, *saved);
        last_event_id_ = saved_event_id;
        throw;
    }
    database_.execute("RELEASE one");
}

void ChangeWriter::create(const Change& change) {
    const bool taken = sql_->exists.bind(1, change.batch_id).step();
    sql_->exists.run();
    if (taken) throw Error(ErrorClass::permanent, "BATCH_EXISTS", claimed(change.batch_id));
    const NewBatch& batch = *change.create;
    const std::int64_t now = wallMs();
    sql_->create.bind(1, change.batch_id)
        .bind(2, batch.pipeline)
        .bind(3, batch.pipeline_file)
        .bind(4, batch.pipeline_text)
        .bind(5, batch.params)
        .bind(6, batch.user)
        .bind(7, toString(batch.state))
        .bind(8, owner_id_)
        .bind(9, utcText(now))
        .bind(10, now)
        .bind(11, bootMs())
        .bind(12, bootId())
        .run();
}

void ChangeWriter::openExecution(const std::string& batch_id, const NextExecution& next) {
    // Seldom, so these are prepared when they are wanted. A batch keeps the runs of all executions.
    const auto run = [&](const char* sql) {
        sqlite::Statement(database_, sql).bind(1, batch_id).run();
    };
    run("INSERT INTO stage_runs SELECT batch_id, execution + 1, position, stage_id, stage, plugin, "
        "plugin_version, weight, in_finally, state, attempt, crashes, fingerprint, checkpoint, "
        "boot_id, started_at, started_ms, finished_at, elapsed_seconds, done, total, "
        "failed_before, failed, error FROM stage_runs WHERE batch_id = ?1 AND execution = "
        "(SELECT execution FROM batches WHERE batch_id = ?1)");
    sqlite::Statement again(
        database_,
        "UPDATE stage_runs SET state = 'pending', attempt = 0, crashes = 0, started_at "
        "= NULL, started_ms = NULL, finished_at = NULL, elapsed_seconds = NULL, done = "
        "0, total = 0, failed_before = 0, failed = 0, error = NULL, fingerprint = CASE "
        "WHEN ?3 THEN fingerprint END, checkpoint = CASE WHEN ?3 THEN checkpoint END "
        "WHERE batch_id = ?1 AND stage_id = ?2 AND execution = "
        "(SELECT execution + 1 FROM batches WHERE batch_id = ?1)");
    for (const StageAgain& stage : next.again)
        again.bind(1, batch_id)
            .bind(2, stage.stage_id)
            .bind(3, stage.keeps_checkpoint ? 1 : 0)
            .run();
    readAgain(batch_id, next);
    run("UPDATE batches SET execution = execution + 1, overall_tenths = 0, outcome = NULL, "
        "error_code = NULL, error_message = NULL, error_stage = NULL, "
        "sheets_read = (SELECT count(*) FROM sheets WHERE batch_id = ?1 AND state = 'read'), "
        "sheets_quarantined = (SELECT count(*) FROM sheets WHERE batch_id = ?1 AND state = "
        "'quarantined') WHERE batch_id = ?1");
    tallies_.erase(batch_id);  // read anew
}

// A quarantined sheet with a reading was refused by a processor, one without a reading by the stage
// that reads the codes.
void ChangeWriter::readAgain(const std::string& batch_id, const NextExecution& next) {
    const auto run = [&](const std::string& sql) {
        sqlite::Statement(database_, sql).bind(1, batch_id).run();
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
    if (next.codes == SheetsAgain::quarantined)
        run(wait + "AND state = 'quarantined'" + without_reading);
    if (next.readings == SheetsAgain::all)
        run(wait + "AND state IN ('read', 'quarantined')" + with_reading);
    if (next.readings == SheetsAgain::quarantined)
        run(wait + "AND state = 'quarantined'" + with_reading);
    if (next.codes == SheetsAgain::all) {
        run(wait + "AND state = 'quarantined'");
        run("UPDATE sheets SET qr = '', grp = '' WHERE batch_id = ?1 AND by_hand = 0");
    }
    if (next.readings == SheetsAgain::scores) {
        run(wait + "AND state = 'read'" + with_reading);
    } else {
        run(forget);
    }
}

void ChangeWriter::remove(const std::string& batch_id) {
    if (!isFinal(tally(batch_id).state)) {
        throw Error(ErrorClass::permanent, "BATCH_RUNS",
                    "the batch '" + batch_id + "' has not ended");
    }
    for (const char* table : {"events", "stage_runs", "sheets", "readings", "rows", "skipped",
                              "artifacts", "batches"}) {
        sqlite::Statement(database_, std::string("DELETE FROM ") + table + " WHERE batch_id = ?1")
            .bind(1, batch_id)
            .run();
    }
    sqlite::Statement(database_,
                      "DELETE FROM sinks WHERE substr(name, 1, length(?1) + 1) = ?1 || '/'")
        .bind(1, batch_id)
        .run();
    sqlite::Statement(database_, "INSERT INTO removed VALUES(?1)").bind(1, batch_id).run();
    tallies_.erase(batch_id);
    database_.execute("RELEASE one");
}

void ChangeWriter::plan(const Change& change, Tally& counts) {
    int position = 0;
    for (const StagePlan& stage : change.plan) {
        sql_->plan.bind(1, change.batch_id)
            .bind(2, counts.execution)
            .bind(3, ++position)
            .bind(4, stage.stage_id)
            .bind(5, stage.stage)
            .bind(6, stage.plugin)
            .bind(7, stage.plugin_version)
            .bind(8, stage.weight)
            .bind(9, stage.in_finally ? 1 : 0)
            .run();
        counts.stages.emplace(stage.stage_id,
                              StageTally{.weight = stage.weight, .counts = !stage.in_finally});
    }
}

void ChangeWriter::changeStages(const Change& change, Tally& counts) {
    const auto bound = [&](sqlite::Statement& statement,
                           const std::string& stage_id) -> sqlite::Statement& {
        return statement.bind(1, change.batch_id).bind(2, counts.execution).bind(3, stage_id);
    };
    for (const StageChange& stage : change.stages) {
        StageTally& tally = counts.stages[stage.stage_id];
        const std::int64_t now = wallMs();
        if (stage.state) {
            bound(sql_->stage_state, stage.stage_id).bind(4, toString(*stage.state)).run();
            if (*stage.state == StageState::running) {
                tally.failed_before = counts.quarantined;
                bound(sql_->stage_started, stage.stage_id)
                    .bind(4, utcText(now))
                    .bind(5, now)
                    .bind(6, bootId())
                    .bind(7, counts.quarantined)
                    .run();
            } else if (*stage.state != StageState::pending &&
                       *stage.state != StageState::retrying) {
                bound(sql_->stage_finished, stage.stage_id)
                    .bind(4, utcText(now))
                    .bind(5, now)
                    .run();
            }
            if (*stage.state == StageState::completed || *stage.state == StageState::skipped)
                tally.share = 1;
        }
        if (stage.attempt) bound(sql_->stage_attempt, stage.stage_id).bind(4, *stage.attempt).run();
        if (stage.fingerprint)
            bound(sql_->stage_fingerprint, stage.stage_id).bind(4, *stage.fingerprint).run();
        if (stage.checkpoint)
            bound(sql_->stage_checkpoint, stage.stage_id).bind(4, *stage.checkpoint).run();
        if (stage.error) bound(sql_->stage_error, stage.stage_id).bind(4, *stage.error).run();
        if (stage.crashed) bound(sql_->stage_crashed, stage.stage_id).run();
    }
}

void ChangeWriter::changeSheets(const Change& change, Tally& counts) {
    const std::string& id = change.batch_id;
    for (const Sheet& sheet : change.new_sheets) {
        sql_->add_sheet.bind(1, id)
            .bind(2, sheet.number)
            .bind(3, sheet.file)
            .bind(4, sheet.page)
            .bind(5, sheet.path.native())
            .run();
        ++counts.total;
    }
    if (change.freeze_sheets) sql_->freeze.bind(1, id).run();
    for (const SkippedEntry& entry : change.skipped)
        sql_->skip.bind(1, id).bind(2, entry.file).bind(3, entry.reason).run();
    if (change.columns) sql_->columns.bind(1, id).bind(2, jsonArray(*change.columns)).run();
    for (const SheetChange& sheet : change.sheets) {
        if (sheet.path)
            sql_->sheet_path.bind(1, id).bind(2, sheet.number).bind(3, *sheet.path).run();
        if (sheet.qr || sheet.group)
            sql_->sheet_code.bind(1, id)
                .bind(2, sheet.number)
                .bind(3, sheet.qr)
                .bind(4, sheet.group)
                .run();
        if (sheet.by_hand) sql_->sheet_by_hand.bind(1, id).bind(2, sheet.number).run();
        if (sheet.attempt_failed) sql_->sheet_attempt.bind(1, id).bind(2, sheet.number).run();
        if (sheet.reason)
            sql_->sheet_reason.bind(1, id).bind(2, sheet.number).bind(3, *sheet.reason).run();
        if (sheet.reading) {
            sql_->reading.bind(1, id)
                .bind(2, sheet.number)
                .bind(3, jsonArray(sheet.reading->values))
                .bind(4, sheet.reading->flags)
                .bind(5, sheet.reading->confidence)
                .bind(6, sheet.reading->evidence)
                .run();
        }
        if (sheet.row) sql_->row.bind(1, id).bind(2, sheet.number).bind(3, *sheet.row).run();
        if (sheet.state) moveSheet(id, sheet.number, *sheet.state, counts);
    }
}

void ChangeWriter::moveSheet(const std::string& batch_id, int number, SheetState to,
                             Tally& counts) {
    const auto counter = [&](std::string_view state) -> std::uint64_t* {
        if (state == toString(SheetState::read)) return &counts.read;
        if (state == toString(SheetState::quarantined)) return &counts.quarantined;
        if (state == toString(SheetState::discarded)) return &counts.discarded;
        return nullptr;
    };
    sqlite::Statement& old = sql_->sheet_state;
    if (!old.bind(1, batch_id).bind(2, number).step()) {
        throw Error(ErrorClass::permanent, "NO_SUCH_SHEET",
                    "the batch '" + batch_id + "' has no sheet " + std::to_string(number));
    }
    const std::string from = old.text(0);
    old.run();
    if (std::uint64_t* left = counter(from)) --*left;
    if (std::uint64_t* entered = counter(toString(to))) ++*entered;
    sql_->sheet_move.bind(1, batch_id).bind(2, number).bind(3, toString(to)).run();
    // What was read of it before is out of date.
    if (to == SheetState::waiting) sql_->forget_reading.bind(1, batch_id).bind(2, number).run();
}

void ChangeWriter::addEvent(const Change& change, const EventDraft& draft, Tally& counts) {
    if (!draft.stage_id.empty()) {
        StageTally& stage = counts.stages[draft.stage_id];
        const double share = draft.complete ? 1 : percentTenths(draft.done, draft.total) / 1000.0;
        stage.share = std::max(stage.share, share);
        sql_->stage_progress.bind(1, change.batch_id)
            .bind(2, counts.execution)
            .bind(3, draft.stage_id)
            .bind(4, draft.done)
            .bind(5, draft.total)
            .bind(6, counts.quarantined - std::min(counts.quarantined, stage.failed_before))
            .run();
    }
    double weights = 0;
    double shares = 0;
    for (const auto& [id, stage] : counts.stages) {
        if (!stage.counts) continue;
        weights += stage.weight;
        shares += stage.weight * stage.share;
    }
    const bool done = counts.state == BatchState::completed;
    counts.overall_tenths =
        done ? 1000
             : std::max(counts.overall_tenths, std::min(999, percentTenths(shares, weights)));
    // The wall clock may jump; within one start of the machine its age counts, and never less than
    // was said before.
    const std::int64_t now = wallMs();
    const std::int64_t age_ms =
        counts.same_boot ? bootMs() - counts.created_boot_ms : now - counts.created_ms;
    counts.elapsed_seconds = std::max(counts.elapsed_seconds, age_ms / 1000);
    const std::string json =
        eventJson(draft, {.batch_id = change.batch_id,
                          .seq = ++counts.seq,
                          .execution = counts.execution,
                          .elapsed_seconds = counts.elapsed_seconds,
                          .timestamp = utcText(now),
                          .sheets_total = counts.total,
                          .sheets_processed = counts.read + counts.quarantined + counts.discarded,
                          .sheets_failed = counts.quarantined,
                          .overall_tenths = counts.overall_tenths});
    sql_->event.bind(1, change.batch_id)
        .bind(2, counts.seq)
        .bind(3, counts.execution)
        .bind(4, json)
        .run();
    ++last_event_id_;
}

void ChangeWriter::store(const std::string& batch_id, const Tally& counts) {
    sql_->store.bind(1, batch_id)
        .bind(2, counts.seq)
        .bind(3, counts.elapsed_seconds)
        .bind(4, counts.overall_tenths)
        .bind(5, counts.total)
        .bind(6, counts.read)
        .bind(7, counts.quarantined)
        .bind(8, counts.discarded)
        .bind(9, toString(counts.state))
        .bind(10, counts.execution)
        .bind(11, isFinal(counts.state) ? std::optional(utcText(wallMs())) : std::nullopt)
        .bind(12, owner_id_)
        .run();
}

}  // namespace sheafline
