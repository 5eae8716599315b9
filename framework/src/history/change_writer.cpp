#include "history/change_writer.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>

#include "base/clocks.h"
#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/change_statements.h"
#include "history/changes/pending_counters.h"
#include "history/changes/sheet_changes.h"
#include "history/decisions/decision_writer.h"
#include "history/event_json.h"
#include "history/execution_rows.h"
#include "history/leases/batch_locks.h"
#include "history/shares/share_rows.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

std::optional<BatchState> stateOf(const Change& change) {
    return change.create ? change.create->state : change.state;
}

std::string claimed(const std::string& batch_id) {
    return "the batch '" + batch_id + "' already exists; continue it with: sheafline resume " +
           batch_id;
}

// Whether it reads or changes nothing of the batch's and the stages' rows besides their counters.
bool onlyCounts(const Change& change) {
    const bool of_stages = std::ranges::all_of(
        change.stages, [](const ChangedStage& stage) { return !stage.state.has_value(); });
    return of_stages && !change.create && !change.expected && !change.decisions && !change.apply &&
           !change.next_execution && !change.state && !change.outcome && !change.remove &&
           change.plan.empty();
}

}  // namespace

ChangeWriter::ChangeWriter(const sql::Place& place, std::string owner_id)
    : store_(openHistory(place)), database_(*store_), owner_id_(std::move(owner_id)) {
    sql_ = std::make_unique<ChangeStatements>(database_);
    decisions_ = std::make_unique<DecisionWriter>(database_);
    sheets_ = std::make_unique<SheetChanges>(database_, *decisions_);
    counters_ = std::make_unique<PendingCounters>(database_, owner_id_);
    if (database_.dialect().shared) {
        locks_ = std::make_unique<BatchLocks>(database_, owner_id_);
        event_ids_ =
            std::make_unique<sql::Statement>(database_, database_.dialect().take_event_ids);
        notify_ = std::make_unique<sql::Statement>(database_, "SELECT pg_notify('sheafline', ?1)");
    }
    if (sql_->last_event.step()) last_event_id_ = sql_->last_event.integer(0);
    sql_->last_event.reset();
}

ChangeWriter::~ChangeWriter() = default;

void ChangeWriter::inTransaction(const std::set<std::string>& batch_ids,
                                 const std::function<void()>& work) {
    events_.clear();
    news_.clear();
    sql::Transaction transaction(database_);
    if (locks_) lock(batch_ids);
    work();
    counters_->storeAll(tallies_);
    const std::int64_t newest = storeEvents();
    transaction.commit();
    last_event_id_ = newest;
}

// The counters of batches that another server has changed are read again.
void ChangeWriter::lock(const std::set<std::string>& batch_ids) {
    if (batch_ids.empty()) return;
    for (const std::string& changed_elsewhere : locks_->lock(batch_ids))
        tallies_.erase(changed_elsewhere);
}

// Returns the id of the newest event. The ids come last: other servers wait for them until this
// transaction ends.
std::int64_t ChangeWriter::storeEvents() {
    const auto count = static_cast<std::int64_t>(events_.size());
    std::int64_t newest = last_event_id_ + count;
    if (event_ids_ && count > 0) {
        event_ids_->bind(1, count).step();
        newest = event_ids_->integer(0);
        event_ids_->reset();
    }
    events_.insert(event_ids_ ? std::optional(newest - count + 1) : std::nullopt);
    if (!notify_ || news_.empty()) return newest;
    const Notice notice{.owner = owner_id_, .last_event_id = newest, .changes = std::move(news_)};
    notify_->bind(1, notice.text()).run();
    return newest;
}

void ChangeWriter::forget() {
    tallies_.clear();
    counters_->forget();
}

void ChangeWriter::setCursor(const std::string& sink, std::int64_t event_id) {
    const std::size_t slash = sink.find('/');
    const std::string batch_id = slash == std::string::npos ? "" : sink.substr(0, slash);
    sql_->cursor.bind(1, sink).bind(2, event_id).bind(3, batch_id).run();
}

BatchTally& ChangeWriter::tallyOf(const std::string& batch_id) {
    if (const auto known = tallies_.find(batch_id); known != tallies_.end()) return known->second;
    return tallies_.emplace(batch_id, loadTally(*sql_, batch_id)).first->second;
}

void ChangeWriter::apply(const Change& change) {
    if (locks_) locks_->require(change);
    if (!onlyCounts(change)) counters_->store(change.batch_id, tallies_);
    database_.savepoint();
    const auto before = tallies_.find(change.batch_id);
    const std::optional<BatchTally> saved =
        before == tallies_.end() ? std::nullopt : std::optional(before->second);
    const std::size_t saved_events = events_.size();
    try {
        if (change.create) create(change);
        if (locks_) locks_->store(change);
        if (change.remove) return remove(change.batch_id);
        if (change.expected) tallyOf(change.batch_id).require(*change.expected);
        decide(change);
        BatchTally& tally = tallyOf(change.batch_id);
        plan(change, tally);
        if (change.state) enter(*change.state, change.batch_id, tally);
        changeStages(change, tally);
        sheets_->apply(change, tally);
        for (const ArtifactRow& artifact : change.artifacts) {
            (artifact.held ? sql_->held_artifact : sql_->artifact)
                .bind(1, change.batch_id)
                .bind(2, artifact.name)
                .bind(3, artifact.size_bytes)
                .bind(4, artifact.sha256)
                .bind(5, utcText(wallMs()))
                .bind(6, change.epoch)
                .run();
        }
        if (change.title) sql_->storeTitle(change.batch_id, *change.title);
        if (change.shares) replaceShares(database_, change.batch_id, *change.shares);
        if (change.outcome) sql_->storeOutcome(change.batch_id, *change.outcome);
        if (change.state) storeStopError(change);
        report(change);
        database_.release();
    } catch (...) {
        if (database_.inTransaction()) database_.rollbackToSavepoint();
        tallies_.erase(change.batch_id);
        if (saved) tallies_.emplace(change.batch_id, *saved);
        events_.truncate(saved_events);
        throw;
    }
    if (notify_)
        news_.push_back({.batch_id = change.batch_id,
                         .shares = change.shares.has_value(),
                         .waits = change.waits_because || stateOf(change) == BatchState::queued,
                         .cancelling = stateOf(change) == BatchState::cancelling});
}

void ChangeWriter::create(const Change& change) {
    const bool taken = sql_->exists.bind(1, change.batch_id).step();
    sql_->exists.run();
    if (taken) throw Error(ErrorClass::permanent, "BATCH_EXISTS", claimed(change.batch_id));
    sql_->storeNew(change.batch_id, *change.create, owner_id_);
}

void ChangeWriter::decide(const Change& change) {
    const std::string& id = change.batch_id;
    if (change.decisions) decisions_->add(id, *change.decisions);
    if (!change.next_execution && !change.apply) return;
    if (change.apply && change.apply->reversible) decisions_->begin(id);
    if (change.next_execution) addExecution(database_, id, *change.next_execution);
    if (change.apply) {
        reopenStages(database_, id, change.apply->reruns);
        decisions_->apply(id, *change.apply);
    }
    tallies_.erase(id);  // its counters are read again
}

// A failed apply of decisions has an event of its own, after which the batch is as it was before.
void ChangeWriter::report(const Change& change) {
    std::optional<BatchState> restored;
    if (change.state)
        decisions_->noteReview(change.batch_id, *change.state == BatchState::reviewing);
    if (change.state && (isFinal(*change.state) || *change.state == BatchState::reviewing))
        restored = decisions_->end(change.batch_id, *change.state);
    if (restored) tallies_.erase(change.batch_id);
    BatchTally& tally = tallyOf(change.batch_id);
    if (change.state) tally.state = *change.state;
    for (const EventDraft& draft : change.events) addEvent(change, draft, tally);
    for (const EventDraft& draft : change.events) counters_->note(change.batch_id, tally, draft);
    if (restored) tally.state = *restored;
    counters_->note(change.batch_id, tally);
    if (!onlyCounts(change)) counters_->store(change.batch_id, tallies_);
}

void ChangeWriter::remove(const std::string& batch_id) {
    if (!isFinal(tallyOf(batch_id).state)) {
        throw Error(ErrorClass::permanent, "BATCH_RUNS",
                    "the batch '" + batch_id + "' has not ended");
    }
    removeRows(database_, batch_id);
    database_.release();
    tallies_.erase(batch_id);
    events_.removeOf(batch_id);
    if (notify_) news_.push_back({.batch_id = batch_id, .removed = true});
}

void ChangeWriter::storeStopError(const Change& change) {
    std::optional<EventError> error;
    if (change.state == BatchState::interrupted && !change.events.empty())
        error = change.events.back().error;
    sql_->storeStopError(change.batch_id, error);
}

void ChangeWriter::plan(const Change& change, BatchTally& tally) {
    int position = 0;
    for (const NewStage& stage : change.plan) {
        sql_->plan.bind(1, change.batch_id)
            .bind(2, tally.execution)
            .bind(3, ++position)
            .bind(4, stage.stage_id)
            .bind(5, stage.stage)
            .bind(6, stage.plugin)
            .bind(7, stage.plugin_version)
            .bind(8, stage.weight)
            .bind(9, stage.in_finally ? 1 : 0)
            .run();
        tally.stages.emplace(stage.stage_id, BatchTally::Stage{.weight = stage.weight,
                                                               .in_overall = !stage.in_finally});
    }
}

// After an interruption, the time up to the resume is no work of the stages that run.
void ChangeWriter::enter(BatchState state, const std::string& batch_id, BatchTally& tally) {
    const bool stops = state == BatchState::interrupted ||
                       (state == BatchState::running && tally.state != BatchState::retrying);
    if (stops) sql_->stages_rest.bind(1, batch_id).bind(2, tally.execution).run();
    tally.state = state;
}

void ChangeWriter::changeStages(const Change& change, BatchTally& tally) {
    const auto bound = [&](sql::Statement& statement,
                           const std::string& stage_id) -> sql::Statement& {
        return statement.bind(1, change.batch_id).bind(2, tally.execution).bind(3, stage_id);
    };
    for (const ChangedStage& stage : change.stages) {
        BatchTally::Stage& stage_tally = tally.stages[stage.stage_id];
        const std::int64_t now = wallMs();
        if (stage.state) {
            bound(sql_->stage_state, stage.stage_id).bind(4, toString(*stage.state)).run();
            if (*stage.state == StageState::running) {
                stage_tally.failed_before = tally.quarantined;
                bound(sql_->stage_started, stage.stage_id)
                    .bind(4, utcText(now))
                    .bind(5, now)
                    .bind(6, bootId())
                    .bind(7, tally.quarantined)
                    .bind(8, bootMs())
                    .run();
            } else {
                bound(sql_->stage_rests, stage.stage_id).bind(4, bootMs()).run();
            }
            if (*stage.state != StageState::running && *stage.state != StageState::pending &&
                *stage.state != StageState::retrying) {
                bound(sql_->stage_finished, stage.stage_id)
                    .bind(4, utcText(now))
                    .bind(5, now)
                    .run();
            }
            if (*stage.state == StageState::completed || *stage.state == StageState::skipped)
                stage_tally.share = 1;
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

void ChangeWriter::addEvent(const Change& change, const EventDraft& draft, BatchTally& tally) {
    const EventFrame frame =
        tally.addEvent(change.batch_id, draft, {.wall_ms = wallMs(), .boot_ms = bootMs()});
    events_.add({.batch_id = change.batch_id,
                 .seq = tally.seq,
                 .execution = tally.execution,
                 .json = eventJson(draft, frame)});
}

}  // namespace sheafline
