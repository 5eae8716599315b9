#include "history/changes/pending_counters.h"

#include <utility>

#include "base/clocks.h"

namespace sheafline {

PendingCounters::PendingCounters(sql::Database& database, std::string owner_id)
    : owner_id_(std::move(owner_id)),
      tally_(database,
             "UPDATE batches SET seq=?2, elapsed_seconds=?3, overall_tenths=?4, "
             "sheets_total=?5, sheets_read=?6, "
             "sheets_quarantined=?7, sheets_discarded=?8, state=?9, execution=?10, "
             "finished_at=?11, owner=?12, sheets_doubtful=?13, answers_doubtful=?14 "
             "WHERE batch_id=?1",
             sql::Rows::many),
      progress_(database,
                "UPDATE stage_runs SET done=?4, total=?5, failed=?6, "
                "active_ms=active_ms+CASE WHEN ?7 > active_since_ms THEN ?7-active_since_ms "
                "ELSE 0 END, "
                "active_since_ms=CASE WHEN active_since_ms IS NULL THEN NULL ELSE ?7 END "
                "WHERE batch_id=?1 AND execution=?2 AND stage_id=?3",
                sql::Rows::many) {}

void PendingCounters::note(const std::string& batch_id, const BatchTally& tally) {
    pending_[batch_id].execution = tally.execution;
}

void PendingCounters::note(const std::string& batch_id, const BatchTally& tally,
                           const EventDraft& event) {
    if (event.stage_id.empty()) return;
    const auto stage = tally.stages.find(event.stage_id);
    if (stage == tally.stages.end()) return;
    pending_[batch_id].stages[event.stage_id] = {.done = event.done,
                                                 .total = event.total,
                                                 .failed = tally.failedSince(stage->second),
                                                 .boot_ms = bootMs()};
}

void PendingCounters::store(const std::string& batch_id, const Tallies& tallies) {
    const auto found = pending_.find(batch_id);
    if (found == pending_.end()) return;
    add(batch_id, found->second, tallies);
    run();
    pending_.erase(found);
}

void PendingCounters::storeAll(const Tallies& tallies) {
    for (const auto& [batch_id, batch] : pending_) add(batch_id, batch, tallies);
    run();
    pending_.clear();
}

void PendingCounters::add(const std::string& batch_id, const Batch& batch, const Tallies& tallies) {
    for (const auto& [stage_id, progress] : batch.stages) {
        progress_.bind(1, batch_id)
            .bind(2, batch.execution)
            .bind(3, stage_id)
            .bind(4, progress.done)
            .bind(5, progress.total)
            .bind(6, progress.failed)
            .bind(7, progress.boot_ms)
            .addRow();
    }
    const auto found = tallies.find(batch_id);
    if (found == tallies.end()) return;
    const BatchTally& tally = found->second;
    tally_.bind(1, batch_id)
        .bind(2, tally.seq)
        .bind(3, tally.elapsed_seconds)
        .bind(4, tally.overall_tenths)
        .bind(5, tally.total)
        .bind(6, tally.read)
        .bind(7, tally.quarantined)
        .bind(8, tally.discarded)
        .bind(9, toString(tally.state))
        .bind(10, tally.execution)
        .bind(11, isFinal(tally.state) ? std::optional(utcText(wallMs())) : std::nullopt)
        .bind(12, owner_id_)
        .bind(13, tally.doubtful.sheets)
        .bind(14, tally.doubtful.answers)
        .addRow();
}

void PendingCounters::run() {
    progress_.runRows();
    tally_.runRows();
}

}  // namespace sheafline
