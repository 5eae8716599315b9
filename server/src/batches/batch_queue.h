// Runs the batches of a server: a few at a time, in fair turns, each with the sinks of its
// pipeline, and those that a lost owner left first. Thread-safe; a thread of its own starts them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
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
    // Takes up what is unfinished in the history. `sinks` are those that a pipeline may bring.
    BatchQueue(Owner& owner, ReaderPool& readers, const PluginCatalog& plugins,
               std::vector<std::string> sinks, RunLimits limits, Log& log);
    ~BatchQueue();
    BatchQueue(const BatchQueue&) = delete;
    BatchQueue& operator=(const BatchQueue&) = delete;

    void push(const std::string& batch_id, const std::string& user,
              const std::string& resumed_because);
    // Commits what opens the next execution of an ended batch (next_execution.h), and queues it.
    // Throws ConfigError where the batch has not ended, Error NO_SUCH_BATCH where it is gone.
    void restart(Change change);
    // The same with a change that is made while no other decision about a batch can come between.
    void restart(const std::function<Change(HistoryReader&)>& make);
    // Queues an interrupted batch again. Throws as restart() does.
    void resume(const std::string& batch_id);
    // Removes an ended batch with its files. Throws Error NO_SUCH_BATCH, BATCH_RUNS.
    void remove(const std::string& batch_id);
    // Gives why it cannot be, or an empty text.
    std::string cancel(const std::string& batch_id);
    void setLimits(RunLimits limits);
    // Queues again what stopped for want of a disk, each when its time has come; called where the
    // disk is sound.
    void resumeStopped();
    QueueCounts counts();

    // Starts nothing more, asks all to stop at a checkpoint, and gives whether they did in time.
    bool interrupt(std::chrono::milliseconds patience);

 private:
    void recover();
    BatchRow existing(const std::string& batch_id);
    void commitRestart(Change change);
    void noteEnd(const std::string& batch_id, BatchState state);
    void poke();
    void startLoop(const std::stop_token& stop);
    bool startWaiting();
    void startOne(const WaitingBatch& batch);
    void addSinks(const std::string& batch_id);

    Owner& owner_;
    ReaderPool& readers_;
    const PluginCatalog& plugins_;
    const std::vector<std::string> sinks_;
    Log& log_;

    std::mutex decisions_;  // one restart or removal at a time; taken before mutex_

    std::mutex mutex_;
    // guarded by mutex_
    FairQueue queue_;
    StoppedBatches stopped_;
    RunLimits limits_;
    bool interrupted_ = false;
    std::condition_variable idle_;

    // Of its own: the owner pokes under its own lock, and is called under the one above.
    std::mutex poke_mutex_;
    bool poked_ = false;  // guarded by poke_mutex_
    std::condition_variable_any poke_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline
