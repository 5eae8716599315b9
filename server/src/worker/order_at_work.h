// A batch's order that this worker has accepted, with its unpacked files and a stop source for
// everything that works on it. Shared by the threads of the worker, because each of them may be the
// last to release it.
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
    // Unpacks the files into `folder`, which the destructor removes.
    OrderAtWork(work::WorkOrder order, std::filesystem::path folder);
    ~OrderAtWork();
    OrderAtWork(const OrderAtWork&) = delete;
    OrderAtWork& operator=(const OrderAtWork&) = delete;

    const work::WorkOrder& order() const { return order_; }
    const std::filesystem::path& folder() const { return folder_; }

    // Call it when the batch no longer needs this worker, or the worker stops.
    void end() { stop_.request_stop(); }
    std::stop_token stop() const { return stop_.get_token(); }

    // This host cannot do the work for now, so others should.
    void reject(const std::string& why, std::chrono::milliseconds time);
    std::string rejection() const;  // empty if it is not rejected now

 private:
    const work::WorkOrder order_;
    const std::filesystem::path folder_;
    std::stop_source stop_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::string rejection_;
    std::chrono::steady_clock::time_point rejected_until_{};
};

}  // namespace sheafline
