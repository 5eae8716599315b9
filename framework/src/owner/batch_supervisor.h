// The owner's side of one running batch: starts its process, commits what the process sends,
// restarts it after a crash, and ends the batch after too many crashes. It has its own thread; the
// process dies with that thread. Whatever the process sends is checked as untrusted input.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <sheafline/log.h>

#include "batch/batch_child.h"
#include "batch/lease/lease_watch.h"
#include "batch/owner_link.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "owner/disk_reserve.h"
#include "process/process.h"

namespace sheafline {

class BatchSupervisor {
 public:
    // `ended` is called on the supervisor's thread, last, with the state of the batch.
    BatchSupervisor(BatchChildOptions options, History& history, const DataFolder& folder,
                    DiskReserve& reserve, Log& log, std::function<void(BatchState)> ended);
    ~BatchSupervisor();  // kills a process that still runs

    // The caller has committed the state for it. A process that does not answer within 10 s (it is
    // stopped, or deadlocked) is killed, and a new one ends the batch.
    void stop(StopReason reason);
    void kill();  // at once; what is not committed is lost, the batch stays as it is
    // The lease of the batch was renewed: its process may work until then. Count from the moment
    // before the renewal was sent, so that the process ends before the lease does.
    void alive(std::chrono::steady_clock::time_point lease_until =
                   std::chrono::steady_clock::now() + kLease);

 private:
    using Clock = std::chrono::steady_clock;
    class Attachment;

    void superviseLoop();
    std::optional<BatchState> superviseOnce();
    ProcessEnd runOnce();
    void sendStop();
    bool waitForResources(const std::exception& error, Clock::time_point deadline);
    void takeFrames(const Process& process);
    bool commitFrames(FrameReader& frames, const Process& process);
    void watch(const Process& process);
    void killFor(const Process& process, std::string why);
    void takeFrame(const Frame& frame, int socket);
    void acknowledge(std::uint64_t id, int socket, std::optional<BatchState> state,
                     const std::exception_ptr& rejected);
    void checkAnswer(const Process& process);
    std::optional<BatchState> afterEnd(const ProcessEnd& end);
    std::optional<BatchState> crashed(const ProcessEnd& end, const BatchRow& batch);
    BatchState endHere(const BatchRow& batch, const EventError& error);

    BatchChildOptions options_;
    History& history_;
    const DataFolder& folder_;
    DiskReserve& reserve_;
    Log& log_;
    const std::function<void(BatchState)> ended_;

    std::mutex mutex_;
    // guarded by mutex_
    Process* process_ = nullptr;
    std::optional<StopReason> stop_reason_;
    std::optional<Clock::time_point> lease_until_;  // empty: the batch has no lease
    bool killed_ = false;
    int unacknowledged_ = 0;
    std::optional<EventError> rejected_;  // why the history rejected a change
    std::optional<BatchState> ended_as_;  // the process has ended the batch, or begun a review
    Clock::time_point last_answer_{};     // of the process, since it was asked to stop
    std::condition_variable idle_;

    // used only by the thread
    int startless_crashes_ = 0;      // before any stage ran
    std::string killed_for_{};       // why we killed the present process
    std::uint64_t last_change_ = 0;  // id of the last Change of the present process
    bool waiting_told_ = false;

    std::thread thread_;
};

}  // namespace sheafline
