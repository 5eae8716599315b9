// What wakes the runner's thread: a request to stop, or a stage that ended. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "batch/owner_link.h"

namespace sheafline {

class StopSignal {
 public:
    // A cancel outranks an interrupt: it is committed, and the work is never resumed.
    void stop(StopReason reason);
    std::optional<StopReason> reason() const;
    // The cancel was carried out; from now on only an interrupt counts.
    void answerCancel();

    void wake();
    void waitFor(std::chrono::milliseconds time);  // or until wake(), also an earlier one

 private:
    mutable std::mutex mutex_;
    // guarded by mutex_
    std::optional<StopReason> reason_;
    bool awake_ = false;
    std::condition_variable woken_;
};

}  // namespace sheafline
