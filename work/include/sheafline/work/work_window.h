// The batch's side of the work in Redis: the window of assigned sheets, and their outcomes. Redis
// is not the source of truth: the owner of the window knows which sheets it waits for, and stores
// them again if Redis lost them. One thread. All functions throw RedisError.
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
    ~WorkWindow();  // calls close() if Redis can be reached
    WorkWindow(const WorkWindow&) = delete;
    WorkWindow& operator=(const WorkWindow&) = delete;

    void open();  // an empty window, which replaces that of an earlier run of the batch
    // False if Redis has lost the window. After an exception it is unknown which sheets are in
    // Redis.
    bool give(std::span<const SheetTask> tasks);
    std::vector<WorkOutcome> take(std::chrono::milliseconds wait);  // in the order of the answers
    bool renew();  // call it every few seconds; false if Redis has lost the window
    // The sheets that a worker holds or can take. Deletes entries that the group lost.
    std::set<int> sheets();
    std::size_t heldBy(std::span<const std::string> workers);  // how many sheets these workers hold
    std::vector<WorkerRecord> workers();
    void addDeadLetter(int sheet, int attempt,
                       const std::string& reason);  // onto the dead-letter list
    void close();  // workers drop the batch's sheets within a second

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
