#include "batch/lease/lease_watch.h"

#include <algorithm>
#include <utility>

namespace sheafline {

LeaseWatch::LeaseWatch(std::function<void()> ran_out)
    : ran_out_(std::move(ran_out)), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void LeaseWatch::extend(Clock::time_point until) {
    {
        const std::lock_guard lock(mutex_);
        until_ = std::max(until_, std::min(until, Clock::now() + kLease));
    }
    extended_.notify_one();
}

void LeaseWatch::watch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (Clock::now() < until_) {
        const auto until = until_;
        extended_.wait_until(lock, stop, until, [&] { return until_ != until; });
        if (stop.stop_requested()) return;
    }
    lock.unlock();
    ran_out_();
}

}  // namespace sheafline
