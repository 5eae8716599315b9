// A worker's side of the work in Redis: takes sheets out of the windows of open runs, holds them by
// a lease that it renews, and answers each once. A delivery that another has taken over is nothing
// to answer any more. One thread each; all throw RedisError.
//
//     WorkSource source({.url = url}, "host-a.4711.x", "0.1.0");
//     for (const std::string& run : source.runs()) …
//     for (const TakenSheet& sheet : source.take(runs, 4, std::chrono::milliseconds(250))) …
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sheafline/processor.h>
#include <sheafline/redis/connection.h>
#include <sheafline/work/work_order.h>
#include <sheafline/work/work_outcome.h>
#include <sheafline/work/worker_record.h>

namespace sheafline::work {

struct TakenSheet {
    std::string run{};
    std::string entry{};  // in the run's stream
    int delivery = 1;     // how often it was handed out: with the worker's name the fencing token
    SheetTask task{};     // the path as the batch's host has it
    std::uint64_t bytes = 0;  // of that file; 0 where there is none, or nothing in it
};

// Whether both are one delivery: entries are numbered in each stream for itself.
inline bool isSame(const TakenSheet& a, const TakenSheet& b) {
    return a.entry == b.entry && a.delivery == b.delivery && a.run == b.run;
}

struct Answer {
    TakenSheet sheet{};
    WorkOutcome::Kind kind = WorkOutcome::Kind::read;
    Reading reading{};
};

class WorkSource {
 public:
    // `program`: our version; orders of another are not read whole (see readOrder).
    WorkSource(redis::ConnectionOptions options, std::string worker, std::string program,
               WorkKey key);

    std::vector<std::string> runs();  // those whose stage has gone without a word are taken off
    // Nothing where it is gone. Throws Error (WORK_ORDER) where it cannot be read.
    std::optional<WorkOrder> order(const std::string& run);

    // At most `count` of each run; waits for the first one. Nothing where a run is gone meanwhile.
    std::vector<TakenSheet> take(std::span<const std::string> runs, std::size_t count,
                                 std::chrono::milliseconds wait);
    // Those whose worker has not renewed its lease, or is one of `lost`.
    std::vector<TakenSheet> takeOver(const std::string& run, std::chrono::milliseconds lease,
                                     std::size_t count, std::span<const std::string> lost = {});
    std::vector<std::string> lostWorkers();  // by name: silent for three heartbeats

    // Which of them counted; the others were no longer ours.
    std::vector<bool> answer(std::span<const Answer> answers);
    void giveBack(std::span<const TakenSheet> sheets);  // as if they had never been taken
    // All of one run. Gives the entries that are no longer ours.
    std::vector<std::string> renew(const std::string& run, std::span<const TakenSheet> sheets);

    void tell(const WorkerRecord& worker);
    void leave();  // off the list of workers

 private:
    redis::Connection redis_;
    const std::string worker_;
    const std::string program_;
    const WorkKey key_;
};

}  // namespace sheafline::work
