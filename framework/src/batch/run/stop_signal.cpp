#include "batch/run/stop_signal.h"

namespace sheafline {

void StopSignal::stop(StopReason reason) {
    {
        const std::lock_guard lock(mutex_);
        if (!reason_ || reason == StopReason::cancel) reason_ = reason;
    }
    wake();
}

std::optional<StopReason> StopSignal::reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
}

void StopSignal::answerCancel() {
    const std::lock_guard lock(mutex_);
    if (reason_ == StopReason::cancel) reason_.reset();
}

void StopSignal::wake() {
    {
        const std::lock_guard lock(mutex_);
        awake_ = true;
    }
    woken_.notify_all();
}

void StopSignal::waitFor(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, time, [this] { return awake_; });
    awake_ = false;
}

}  // namespace sheafline
