// The part of BatchQueue for several servers of one history.
#include <utility>

#include <sheafline/error.h>

#include "batch/lease/left_work.h"
#include "batches/batch_queue.h"

namespace sheafline {

// With mutex_ held.
std::optional<WaitingBatch> BatchQueue::next() {
    if (leases_ == nullptr) return queue_.next(limits_.one_user);
    const auto claimed = leases_->claimNext(limits_.one_user, queue_.runningIds());
    if (!claimed) return std::nullopt;
    WaitingBatch batch{.batch_id = claimed->batch_id,
                       .user = claimed->user,
                       .resumed_because = claimed->resumed_because,
                       .epoch = claimed->epoch};
    queue_.started(batch);
    return batch;
}

void BatchQueue::changedElsewhere(const Committed& change) {
    const bool many = change.batch_id.empty();
    if (!many && !change.waits && !change.cancelling) return;
    const std::lock_guard lock(poke_mutex_);
    if (many || change.cancelling) cancelled_elsewhere_.insert(change.batch_id);
    poked_ = true;
    poke_.notify_all();
}

// On the thread of the queue.
void BatchQueue::stopCancelled() {
    std::set<std::string> cancelled;
    {
        const std::lock_guard lock(poke_mutex_);
        cancelled.swap(cancelled_elsewhere_);
    }
    for (const std::string& batch_id : cancelled) {
        try {
            owner_.changedElsewhere(batch_id);
            const std::lock_guard lock(mutex_);
            if (stopped_.contains(batch_id)) endPause(batch_id);
        } catch (const Error& error) {
            log_.warning(std::string("a cancel is looked for again: ") + error.what());
            const std::lock_guard lock(poke_mutex_);
            cancelled_elsewhere_.insert(batch_id);
        }
    }
}

// With mutex_ held. Another server continues what this one stops for. A batch that waits for the
// disk keeps its lease, so that others take it over only if this server is lost.
void BatchQueue::endLease(const std::string& batch_id, BatchState state) {
    const std::string lease = batchLease(batch_id);
    const std::int64_t epoch = leases_->epochOf(lease);
    if (epoch == 0) return;
    const bool ended = isFinal(state) || state == BatchState::reviewing;
    if (!ended && !interrupted_) return;
    try {
        const std::string why = "its server was stopped";
        if (state == BatchState::interrupted)
            owner_.history().commit({.batch_id = batch_id,
                                     .epoch = epoch,
                                     .state = BatchState::queued,
                                     .waits_because = why});
        leases_->giveBack(lease, ended ? "" : why);
    } catch (const Error& error) {
        log_.warning("batch " + batch_id + ": its lease runs out by itself: " + error.what());
    }
}

// With mutex_ held. The batch waits for the disk no longer: a server claims it at once.
void BatchQueue::endPause(const std::string& batch_id) {
    stopped_.ended(batch_id);
    leases_->giveBack(batchLease(batch_id));
}

void BatchQueue::removeLeftWork() {
    for (const std::string& id : leftWork(owner_.folder(), readers_.take()->database())) {
        const std::filesystem::path work = owner_.folder().work(id);
        const std::filesystem::path aside = asideOf(work);
        {
            const std::lock_guard lock(mutex_);
            if (queue_.runningIds().contains(id)) continue;
            if (aside != work) std::filesystem::remove_all(aside);
            std::error_code gone;
            std::filesystem::rename(work, aside, gone);
            if (gone) continue;
        }
        sheafline::removeLeftWork(aside);
        log_.info("batch " + id + ": its work folder was removed; another server has it now");
    }
}

// Whether a server runs it is in the history only, and may change until the commit. A server that
// runs it hears of the cancel; otherwise one claims it and runs its `finally` stages.
std::string BatchQueue::cancelShared(const BatchRow& batch, bool began) {
    const std::string& id = batch.batch_id;
    if (isFinal(batch.state))
        return "the batch '" + id + "' is already " + std::string(toString(batch.state));
    const bool unbegun =
        batch.state == BatchState::uploading || (batch.state == BatchState::queued && !began);
    if (unbegun) {
        try {
            Change change = cancelledChange(id);
            change.expected =
                Expected{.states = {BatchState::uploading, BatchState::queued}, .waits = true};
            owner_.history().commit(std::move(change));
            return {};
        } catch (const Error& error) {
            if (error.code() != "STATE_CHANGED") throw;
        }
    }
    if (batch.state != BatchState::cancelling)
        owner_.history().commit(
            {.batch_id = id, .expected = notEnded(), .state = BatchState::cancelling});
    if (stopped_.contains(id)) endPause(id);
    owner_.changedElsewhere(id);
    poke();
    return {};
}

}  // namespace sheafline
