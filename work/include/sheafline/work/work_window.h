// A batch's side of the work in Redis: the window of sheets that are handed out, and what becomes
// of them. Nothing in Redis is the truth: the owner of the window knows which sheets it waits for,
// and puts them in again when Redis lost them. One thread. All throw RedisError.
//
//     WorkWindow window({.url = url}, order);
//     window.open();
//     if (!window.give(tasks)) …               // Redis was emptied: open() again, give all again
//     for (const WorkOutcome& outcome : window.take(std::chrono::milliseconds(200))) …
#pragma once

#include <chrono>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <sheafline/processor.h>
#include <sheafline/redis/connection.h>
#include <sheafline/work/work_order.h>
#include <sheafline/work/work_outcome.h>
#include <sheafline/work/worker_record.h>

namespace sheafline::work {

class WorkWindow {
 public:
    WorkWindow(redis::ConnectionOptions options, WorkOrder order, WorkKey key);
    ~WorkWindow();  // close(), where Redis can be reached
    WorkWindow(const WorkWindow&) = delete;
    WorkWindow& operator=(const WorkWindow&) = delete;

    void open();  // empty, in place of whatever an earlier run of the batch left
    // False where Redis has lost the window. After an exception it is unknown which were given.
    bool give(std::span<const SheetTask> tasks);
    std::vector<WorkOutcome> take(std::chrono::milliseconds wait);  // in the order of the answers
    bool renew();  // to be called every few seconds; false where Redis has lost the window
    // The numbers of those that a worker holds or can take. Entries that the group lost are
    // deleted.
    std::set<int> sheets();
    std::size_t heldBy(std::span<const std::string> workers);  // how many sheets these hold
    std::vector<WorkerRecord> workers();
    void bury(int sheet, int attempt, const std::string& reason);  // onto the dead-letter list
    void close();  // workers let go of the batch's sheets within a second

    const WorkOrder& order() const { return order_; }

 private:
    const WorkOrder order_;
    const WorkKey key_;
    redis::Connection redis_;
    std::string taken_ = "0-0";  // the last outcome
    bool trim_ = false;
    bool open_ = false;
};

}  // namespace sheafline::work
