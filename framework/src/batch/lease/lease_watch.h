// Ends the process of a batch when its owner's lease has run out. A stopped owner (SIGSTOP, a
// machine that hangs) does not stop its batches, and another server takes them over after one
// lease. Own thread, so that no stage can hold it up. Times are of the monotonic clock, which all
// processes of one machine share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "history/leases/lease.h"

namespace sheafline {

class LeaseWatch {
 public:
    using Clock = std::chrono::steady_clock;

    // The first lease runs from now. `ran_out` is called once, on the thread of the watch.
    explicit LeaseWatch(std::function<void()> ran_out);

    // The lease now runs until this time. A time that is further away than one lease counts as one
    // lease, and an earlier time than the known one changes nothing.
    void extend(Clock::time_point until);

 private:
    void watch(const std::stop_token& stop);

    const std::function<void()> ran_out_;
    std::mutex mutex_;
    Clock::time_point until_ = Clock::now() + kLease;  // guarded by mutex_
    std::condition_variable_any extended_;
    std::jthread thread_;
};

}  // namespace sheafline
