#include "batches/batch_queue.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "batch/batch_scope.h"
#include "batch/review_deadline.h"
#include "batches/sinks/undelivered.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSinkPatience{5};
constexpr std::chrono::seconds kRetry{1};

}  // namespace

BatchQueue::BatchQueue(Owner& owner, ReaderPool& readers, const PluginCatalog& plugins,
                       std::vector<std::string> sinks, RunLimits limits, Log& log)
    : owner_(owner),
      leases_(owner.leases()),
      readers_(readers),
      plugins_(plugins),
      sinks_(std::move(sinks)),
      log_(log),
      limits_(limits) {
    recover();
    owner_.onEnd([this] { poke(); });
    owner_.answerCancels([this](const std::string& batch_id) { return cancel(batch_id); });
    owner_.answerRestarts([this](Change change) { restart(std::move(change)); });
    thread_ = std::jthread([this](const std::stop_token& stop) { startLoop(stop); });
}

BatchQueue::~BatchQueue() {
    owner_.answerRestarts({});
    owner_.answerCancels({});
    owner_.onEnd({});
    thread_.request_stop();
    thread_.join();
}

void BatchQueue::recover() {
    if (leases_ == nullptr) resumeUnfinished(*readers_.take());
    deliverUndelivered();
}

void BatchQueue::resumeUnfinished(HistoryReader& history) {
    for (const BatchRow& batch : history.unfinished()) {
        if (batch.state == BatchState::uploading || batch.state == BatchState::reviewing) continue;
        const bool began = !history.stages(batch.batch_id, batch.execution).empty();
        // This server owns it now, so readers see it as waiting, not interrupted. A cancel remains
        // a cancel.
        if (batch.state != BatchState::cancelling)
            owner_.history().commit({.batch_id = batch.batch_id, .state = BatchState::queued});
        queue_.push({.batch_id = batch.batch_id,
                     .user = batch.user,
                     .resumed_because = began ? "the server was started again" : ""});
    }
    if (queue_.size() > 0)
        log_.info(counted(queue_.size(), "unfinished batch is", "unfinished batches are") +
                  " resumed");
}

void BatchQueue::push(const std::string& batch_id, const std::string& user,
                      const std::string& resumed_because) {
    const std::lock_guard lock(mutex_);
    wait({.batch_id = batch_id, .user = user, .resumed_because = resumed_because});
}

// With mutex_ held. With several servers the batch waits in the history.
void BatchQueue::wait(WaitingBatch batch) {
    if (leases_ == nullptr) queue_.push(std::move(batch));
    poke();
}

BatchRow BatchQueue::existing(const std::string& batch_id) {
    auto batch = readers_.take()->batch(batch_id);
    if (!batch) throw Error(ErrorClass::permanent, "NO_SUCH_BATCH", "there is no such batch");
    return std::move(*batch);
}

void BatchQueue::restart(Change change) {
    const std::lock_guard deciding(decisions_);
    commitRestart(std::move(change));
}

void BatchQueue::restart(const std::function<Change(HistoryReader&)>& make) {
    const std::lock_guard deciding(decisions_);
    commitRestart(make(*readers_.take()));
}

void BatchQueue::commitRestart(Change change) {
    const BatchRow batch = existing(change.batch_id);
    const bool reviewed = batch.state == BatchState::reviewing;
    const std::string why = reviewed ? "people have decided" : "";
    change.state = BatchState::queued;  // until its turn comes
    change.waits_because = why;
    owner_.history().commit(std::move(change));
    push(batch.batch_id, batch.user, why);
}

void BatchQueue::resume(const std::string& batch_id) {
    const std::lock_guard deciding(decisions_);
    const BatchRow batch = existing(batch_id);
    if (batch.state != BatchState::interrupted)
        throw ConfigError("the batch is " + std::string(toString(batch.state)) +
                          "; another request has changed it");
    const std::string why = "it was interrupted";
    owner_.history().commit({.batch_id = batch_id,
                             .expected = Expected{.states = {BatchState::interrupted}},
                             .state = BatchState::queued,
                             .waits_because = why});
    push(batch_id, batch.user, why);
}

void BatchQueue::endReview(const std::string& batch_id) {
    const std::lock_guard deciding(decisions_);
    const BatchRow batch = existing(batch_id);
    const std::string why = "the time for people's decisions is over";
    Change timeout = reviewTimeout(batch_id);
    timeout.waits_because = why;
    owner_.history().commit(std::move(timeout));
    push(batch_id, batch.user, why);
}

void BatchQueue::remove(const std::string& batch_id) {
    const std::lock_guard deciding(decisions_);
    if (!isFinal(existing(batch_id).state))
        throw Error(ErrorClass::permanent, "BATCH_RUNS",
                    "the batch has not ended; cancel it first");
    owner_.history().commit({.batch_id = batch_id, .remove = true});
    std::error_code ignored;  // a later start removes files that belong to no batch
    std::filesystem::remove_all(owner_.folder().batch(batch_id), ignored);
    std::filesystem::remove_all(owner_.folder().work(batch_id), ignored);
}

std::string BatchQueue::cancel(const std::string& batch_id) {
    try {
        return tryCancel(batch_id);
    } catch (const Error& error) {
        if (error.code() == "STATE_CHANGED") return error.what();
        throw;
    }
}

Change BatchQueue::cancelledChange(const std::string& batch_id) {
    return {.batch_id = batch_id,
            .expected = notEnded(),
            .state = BatchState::cancelled,
            .outcome = Outcome{.state = BatchState::cancelled},
            .events = {{.stage = "cancelled", .message = "Batch cancelled"}}};
}

std::string BatchQueue::tryCancel(const std::string& batch_id) {
    const auto history = readers_.take();
    const std::unique_lock lock(mutex_);  // so that it is not started meanwhile
    const auto batch = history->batch(batch_id);
    if (!batch) return "there is no batch '" + batch_id + "'";
    const bool began = !history->stages(batch_id, batch->execution).empty();
    if (leases_ != nullptr) return cancelShared(*batch, began);
    const bool waits = queue_.contains(batch_id);
    if (batch->state == BatchState::uploading || (waits && !began)) {
        queue_.remove(batch_id);
        owner_.history().commit(cancelledChange(batch_id));
        return {};
    }
    // Its `finally` stages run when its turn comes.
    const Change cancelling{
        .batch_id = batch_id, .expected = notEnded(), .state = BatchState::cancelling};
    if (waits) {
        owner_.history().commit(cancelling);
        return {};
    }
    if (batch->state == BatchState::interrupted || batch->state == BatchState::reviewing ||
        stopped_.contains(batch_id)) {
        stopped_.ended(batch_id);
        owner_.history().commit(cancelling);
        queue_.push({.batch_id = batch_id, .user = batch->user});
        poke();
        return {};
    }
    return owner_.cancel(batch_id);
}

void BatchQueue::setLimits(RunLimits limits) {
    const std::lock_guard lock(mutex_);
    limits_ = limits;
    poke();
}

QueueCounts BatchQueue::counts() {
    const std::lock_guard lock(mutex_);
    const std::size_t waiting =
        leases_ == nullptr ? queue_.size() : readers_.take()->countByState()["queued"];
    return {.waiting = waiting, .running = queue_.running()};
}

bool BatchQueue::interrupt(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    interrupted_ = true;
    owner_.interruptAll();
    return idle_.wait_for(lock, patience, [this] { return queue_.running() == 0; });
}

void BatchQueue::poke() {
    const std::lock_guard lock(poke_mutex_);
    poked_ = true;
    poke_.notify_all();
}

void BatchQueue::noteEnd(const std::string& batch_id, BatchState state) {
    const std::lock_guard lock(mutex_);
    queue_.ended(batch_id);
    if (leases_ != nullptr) endLease(batch_id, state);
    if (isFinal(state) || state == BatchState::reviewing) {
        stopped_.ended(batch_id);
    } else if (!interrupted_ && (leases_ == nullptr || leases_->holds(batchLease(batch_id)))) {
        stopped_.stopped(batch_id, std::chrono::steady_clock::now());
    }
    idle_.notify_all();
}

void BatchQueue::resumeStopped() {
    std::vector<std::string> due;
    {
        const std::lock_guard lock(mutex_);
        due = stopped_.takeDue(std::chrono::steady_clock::now());
    }
    for (const std::string& batch_id : due) {
        const auto batch = readers_.take()->batch(batch_id);
        if (!batch || isFinal(batch->state)) continue;
        const std::string why = "the server tries it again after an interruption";
        const std::int64_t epoch = leases_ == nullptr ? 0 : leases_->epochOf(batchLease(batch_id));
        if (leases_ != nullptr && epoch == 0) continue;  // another server has it
        if (batch->state != BatchState::cancelling)
            owner_.history().commit({.batch_id = batch_id,
                                     .epoch = epoch,
                                     .state = BatchState::queued,
                                     .waits_because = why});
        if (leases_ != nullptr) leases_->giveBack(batchLease(batch_id), why);
        push(batch_id, batch->user, why);
    }
}

void BatchQueue::startLoop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto until = Clock::now() + kSinkPatience;  // for all of them: a sink may hang
        for (const auto& [batch_id, state] : owner_.takeEnded()) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
            owner_.dropSinks(batch_id, std::max(left, std::chrono::milliseconds(0)));
            noteEnd(batch_id, state);
        }
        stopCancelled();
        const bool all_started = startWaiting();
        std::unique_lock lock(poke_mutex_);
        const auto poked = [this] { return poked_; };
        // A lease of another server may run out without a word.
        all_started&& leases_ == nullptr ? poke_.wait(lock, stop, poked)
                                         : poke_.wait_for(lock, stop, kRetry, poked);
        poked_ = false;
    }
}

// False if one could not be started now because of a lack of descriptors: it waits and is tried
// again.
bool BatchQueue::startWaiting() {
    const std::lock_guard lock(mutex_);
    while (!interrupted_ && queue_.running() < limits_.all) {
        std::optional<WaitingBatch> batch;
        try {
            batch = next();
        } catch (const Error& error) {
            log_.warning(std::string("no batch can be claimed now: ") + error.what());
            return false;
        }
        if (!batch) return true;
        try {
            startOne(*batch);
        } catch (const std::exception& error) {
            log_.warning("batch " + batch->batch_id +
                         " cannot be started and is tried again: " + error.what());
            queue_.ended(batch->batch_id);
            if (leases_ != nullptr)
                leases_->giveBack(batchLease(batch->batch_id), batch->resumed_because);
            else
                queue_.push(*batch);
            return false;
        }
    }
    return true;
}

void BatchQueue::startOne(const WaitingBatch& batch) {
    const auto row = readers_.take()->batch(batch.batch_id);
    if (!row || isFinal(row->state)) {  // cancelled between its upload and its place in the queue
        queue_.ended(batch.batch_id);
        if (leases_ != nullptr) leases_->giveBack(batchLease(batch.batch_id));
        return;
    }
    // Its last owner was lost while it waited for room on a disk.
    if (leases_ != nullptr && row->state == BatchState::interrupted)
        owner_.history().commit(
            {.batch_id = batch.batch_id, .epoch = batch.epoch, .state = BatchState::queued});
    try {
        addSinks(batch.batch_id);
    } catch (const std::exception& error) {
        // Its batch process finds the same error and ends the batch with it.
        log_.warning("batch " + batch.batch_id + ": its sinks cannot be created: " + error.what());
    }
    // A later execution already has its stages, so they are not planned, which would show the
    // error.
    if (row->execution > 1 && row->state == BatchState::queued && batch.resumed_because.empty())
        owner_.history().commit(
            {.batch_id = batch.batch_id, .epoch = batch.epoch, .state = BatchState::running});
    owner_.start(batch.batch_id, batch.resumed_because, batch.epoch);
}

}  // namespace sheafline
