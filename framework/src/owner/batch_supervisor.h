// The owner's side of one running batch: starts its process, commits what that says, starts it
// again where it crashes, and ends the batch where it crashes too often. Lives on a thread of its
// own, which is also what the process dies with.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <sheafline/log.h>

#include "batch/batch_child.h"
#include "batch/owner_link.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "process/process.h"

namespace sheafline {

class BatchSupervisor {
 public:
    // `ended` is called on the supervisor's thread, last, with the state that the batch came to.
    BatchSupervisor(BatchChildOptions options, History& history, const DataFolder& folder, Log& log,
                    std::function<void(BatchState)> ended);
    ~BatchSupervisor();  // kills a process that still runs

    // The state for it is committed by the caller, before.
    void stop(StopReason reason);
    void kill();  // at once; what is not committed is lost, the batch stays as it is

 private:
    void superviseLoop();
    ProcessEnd runOnce();
    void takeFrames(const Process& process);
    bool commitFrames(FrameReader& frames, const Process& process);
    void watch(const Process& process);
    void killFor(const Process& process, std::string why);
    void commitFrame(const Frame& frame, int socket);
    std::optional<BatchState> afterEnd(const ProcessEnd& end);
    std::optional<BatchState> crashed(const ProcessEnd& end, const BatchRow& batch);
    BatchState endHere(const BatchRow& batch, const EventError& error);

    BatchChildOptions options_;
    History& history_;
    const DataFolder& folder_;
    Log& log_;
    const std::function<void(BatchState)> ended_;

    std::mutex mutex_;
    // guarded by mutex_
    Process* process_ = nullptr;
    std::optional<StopReason> stop_reason_;
    bool killed_ = false;
    int unacknowledged_ = 0;
    std::optional<EventError> refused_;  // why the history took no more
    std::condition_variable idle_;

    // used by the thread alone
    int startless_crashes_ = 0;  // before any stage ran
    std::string killed_for_{};   // why the process of now was killed by us

    std::thread thread_;
};

}  // namespace sheafline
