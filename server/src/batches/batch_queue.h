// Runs the batches of a server: a few at a time, in fair turns, each with the sinks of its
// pipeline. Thread-safe; a separate thread starts them. Batches that an earlier owner left
// unfinished come first. With several servers, the batches wait in the history, and this one claims
// the next of them when it has room.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <sheafline/log.h>

#include "batches/fair_queue.h"
#include "batches/reader_pool.h"
#include "batches/stopped_batches.h"
#include "owner/owner.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct QueueCounts {
    std::size_t waiting = 0;
    std::size_t running = 0;
};

// How many batches run at the same time.
struct RunLimits {
    std::size_t all = 2;
    std::size_t one_user = 1;
};

class BatchQueue {
 public:
    // Resumes the unfinished batches of the history, or claims those that no server runs. `sinks`
    // are those that a pipeline may use.
    BatchQueue(Owner& owner, ReaderPool& readers, const PluginCatalog& plugins,
               std::vector<std::string> sinks, RunLimits limits, Log& log);
    ~BatchQueue();
    BatchQueue(const BatchQueue&) = delete;
    BatchQueue& operator=(const BatchQueue&) = delete;

    void push(const std::string& batch_id, const std::string& user,
              const std::string& resumed_because);
    // Commits the start of the next execution of an ended batch (next_execution.h), and queues it.
    // Throws Error NO_SUCH_BATCH if the batch was removed, and STATE_CHANGED if it has changed
    // since the change was made.
    void restart(Change change);
    // The same, with a change that is made while no other decision about a batch can be made.
    void restart(const std::function<Change(HistoryReader&)>& make);
    // Queues an interrupted batch again. Throws as restart() does.
    void resume(const std::string& batch_id);
    // Nobody decided in time: a batch in review fails with REVIEW_TIMEOUT. Throws as restart().
    void endReview(const std::string& batch_id);
    // Removes an ended batch with its files. Throws Error NO_SUCH_BATCH, BATCH_RUNS.
    void remove(const std::string& batch_id);
    // Returns why it cannot be cancelled, or an empty text.
    std::string cancel(const std::string& batch_id);
    void setLimits(RunLimits limits);
    // Another server has changed a batch: one may wait now, or one of this server is cancelled.
    // Quick: called while the history waits.
    void changedElsewhere(const Committed& change);
    // The durable sinks of ended batches that have not received all, because their server was lost.
    // One thread, now and then.
    void deliverUndelivered();
    // The work folders of batches that another server has continued or removed. The same thread.
    void removeLeftWork();
    // Queues batches again that stopped because of the disk, each after its pause. Call it when the
    // disk is usable.
    void resumeStopped();
    QueueCounts counts();

    // Starts no more batches, asks all to stop at a checkpoint, and returns whether they did in
    // time.
    bool interrupt(std::chrono::milliseconds patience);

 private:
    void recover();
    void resumeUnfinished(HistoryReader& history);
    void wait(WaitingBatch batch);
    std::optional<WaitingBatch> next();
    std::string cancelShared(const BatchRow& batch, bool began);
    void stopCancelled();
    void endPause(const std::string& batch_id);
    static Change cancelledChange(const std::string& batch_id);
    void endLease(const std::string& batch_id, BatchState state);
    std::string tryCancel(const std::string& batch_id);
    BatchRow existing(const std::string& batch_id);
    void commitRestart(Change change);
    void noteEnd(const std::string& batch_id, BatchState state);
    void poke();
    void startLoop(const std::stop_token& stop);
    bool startWaiting();
    void startOne(const WaitingBatch& batch);
    void addSinks(const std::string& batch_id);

    Owner& owner_;
    Leases* const leases_;  // null: no other server shares the history
    ReaderPool& readers_;
    const PluginCatalog& plugins_;
    const std::vector<std::string> sinks_;
    Log& log_;

    std::set<std::string> delivering_;  // used by deliverUndelivered()
    std::mutex decisions_;              // one restart or removal at a time; taken before mutex_

    std::mutex mutex_;
    // guarded by mutex_
    FairQueue queue_;
    StoppedBatches stopped_;
    RunLimits limits_;
    bool interrupted_ = false;
    std::condition_variable idle_;

    // A separate mutex: the owner calls poke under its lock, and is called under the mutex above.
    std::mutex poke_mutex_;
    bool poked_ = false;                         // guarded by poke_mutex_
    std::set<std::string> cancelled_elsewhere_;  // the same; empty text: look at all
    std::condition_variable_any poke_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline
