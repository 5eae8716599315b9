// The owner of a data folder: the one process that changes it. Holds the lock, the history, the
// sinks and the control socket, and supervises the running batches. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sheafline/log.h>

#include "base/data_folder.h"
#include "base/stderr_log.h"
#include "history/history.h"
#include "history/leases/leases.h"
#include "owner/batch_supervisor.h"
#include "owner/control_socket.h"
#include "owner/disk_reserve.h"
#include "owner/plugin_sinks.h"
#include "owner/sink_feed.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct OwnerOptions {
    DataFolder folder;
    std::vector<std::filesystem::path> plugin_folders{};
    std::size_t given_plugin_folders = 0;  // the first of them are not the program's own
    std::string command{};                 // shown to readers: "run pipelines/omr-batch.yaml"
    LogSettings log{};
    std::uint64_t batch_memory_bytes = 4ULL << 30U;  // of one batch process
    bool set_aside_history = false;  // a damaged history is renamed and an empty one begun
    bool resumes_batches = false;    // by itself, as a server does; otherwise a person does
    std::size_t most_running = 1;    // batches at the same time; the reserve is made for them
};

class Owner {
 public:
    // Throws Error (DATA_FOLDER_IN_USE, DATA_FOLDER, DATABASE_CORRUPT …).
    Owner(OwnerOptions options, const PluginCatalog& plugins, Log& log);
    ~Owner();  // kills what still runs
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

    History& history() { return history_; }
    Leases* leases() { return leases_.get(); }  // null: no other server shares the history
    const PluginCatalog& plugins() const { return plugins_; }
    const OwnerIdentity& identity() const { return lock_.identity(); }
    const DataFolder& folder() const { return options_.folder; }

    void addSink(SinkFeedOptions options, std::unique_ptr<Sink> sink);
    PluginSinks& pluginSinks() { return plugin_sinks_; }
    bool drainSinks(std::chrono::milliseconds patience);
    // Takes the sinks of one batch away, those that have all of its events.
    void dropSinks(const std::string& batch_id, std::chrono::milliseconds patience);
    bool hasSinks(const std::string& batch_id);
    std::vector<SinkState> sinkStates();

    // A batch that is resumed does again what has changed since, in its next execution. `epoch` is
    // that of its lease; 0 without leases.
    void start(const std::string& batch_id, const std::string& resumed_because, std::int64_t epoch);
    // Looks at a batch, or at all that run, after another server has changed it: it may be
    // cancelled. Any thread.
    void changedElsewhere(const std::string& batch_id);
    // Commits `cancelling` before anything stops. Gives why it cannot be, or an empty text.
    std::string cancel(const std::string& batch_id);
    // Opens the next execution of a batch that has ended, by retryChange() or fixChange(), through
    // `restart`, who starts it too; without one the owner rejects it, because it runs only one
    // batch.
    void answerRestarts(std::function<void(Change)> restart);
    // Checks that the data folder can be written and has room for its reserve, which is made
    // again after it was given up. diskError() returns what was wrong, or an empty text.
    void checkDisk();
    void setMostRunning(std::size_t most_running);  // the next checkDisk() fits the reserve to it
    std::string diskError();

    void interruptAll();
    void killAll();
    // The final state of a started batch, or nothing if it has not ended after `patience`.
    std::optional<BatchState> waitFor(const std::string& batch_id,
                                      std::chrono::milliseconds patience);

    // For an owner of many batches: `poke` is called when one has ended, and must not call back;
    // takeEnded() returns each once and releases it.
    void onEnd(std::function<void()> poke);
    std::map<std::string, BatchState> takeEnded();
    // Answers `sheafline cancel` instead of cancel(), for batches that wait.
    void answerCancels(std::function<std::string(const std::string&)> cancel);

 private:
    void setHistoryAside();
    std::string answer(const std::string& request);
    std::string share(const std::string& request);
    std::string restart(const std::string& request);
    [[noreturn]] void throwRunsOneBatch() const;
    void openChanged(const std::string& batch_id, std::int64_t epoch);
    void listenToLeases();
    void logStart(const std::string& batch_id, const std::string& resumed_because);
    void logEnd(const std::string& batch_id, BatchState state);
    bool makeRoom();
    void stopForFullDisk();

    const OwnerOptions options_;
    const PluginCatalog& plugins_;
    Log& log_;
    const OwnerLock lock_;
    DiskReserve reserve_;
    History history_;
    std::unique_ptr<Leases> leases_;

    PluginSinks plugin_sinks_;
    std::mutex sinks_mutex_;
    std::vector<std::unique_ptr<SinkFeed>> sinks_;  // guarded by sinks_mutex_
    std::mutex cancel_mutex_;
    std::function<std::string(const std::string&)> cancel_;  // guarded by cancel_mutex_

    std::mutex mutex_;
    // guarded by mutex_
    std::function<void()> poke_;
    std::map<std::string, BatchState> ended_;
    std::condition_variable end_;
    std::map<std::string, std::unique_ptr<BatchSupervisor>> supervisors_;
    std::function<void(Change)> restart_;
    std::string disk_error_;

    std::jthread full_disk_;                  // stops the batches, off the history's thread
    std::unique_ptr<ControlSocket> control_;  // last: it calls into all of the above
};

}  // namespace sheafline
