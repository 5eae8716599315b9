// A batch's order that this worker has taken on: its files unpacked, and the way to stop all that
// works on it. Shared by the threads of the worker, for each may be the last to let go of it.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>

#include <sheafline/work/work_order.h>

namespace sheafline {

class OrderAtWork {
 public:
    // Unpacks the files below `folder`, which it removes at its end.
    OrderAtWork(work::WorkOrder order, std::filesystem::path folder);
    ~OrderAtWork();
    OrderAtWork(const OrderAtWork&) = delete;
    OrderAtWork& operator=(const OrderAtWork&) = delete;

    const work::WorkOrder& order() const { return order_; }
    const std::filesystem::path& folder() const { return folder_; }

    void end() { stop_.request_stop(); }  // the batch needs us no more, or we it
    std::stop_token stop() const { return stop_.get_token(); }

    // Something here is in its way: others are to do it, for now.
    void refuse(const std::string& why, std::chrono::milliseconds time);
    std::string refusal() const;  // empty where it is not refused now

 private:
    const work::WorkOrder order_;
    const std::filesystem::path folder_;
    std::stop_source stop_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::string refusal_;
    std::chrono::steady_clock::time_point refused_until_{};
};

}  // namespace sheafline
