// The worker's side of the work in Redis: takes sheets out of the windows of open runs, holds them
// by a lease that it renews, and answers each once. A delivery that another worker has taken over
// cannot be answered any more. One thread per object; all functions throw RedisError.
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
    int delivery = 1;     // how often it was assigned; together with the worker's name, this is the
                          // fencing token
    SheetTask task{};     // with the path on the batch's host
    std::uint64_t bytes = 0;  // size of that file; 0 if it is missing or empty
};

// Whether both are the same delivery. Each stream numbers its entries separately.
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
    // `program` is our version; orders of other versions are read only in part (see readOrder).
    WorkSource(redis::ConnectionOptions options, std::string worker, std::string program,
               WorkKey key);

    std::vector<std::string> runs();  // removes the runs whose stage disappeared silently
    // Empty if it no longer exists. Throws Error (WORK_ORDER) if it cannot be read.
    std::optional<WorkOrder> order(const std::string& run);

    // At most `count` of each run; waits for the first one. Returns none of a run that has ended.
    std::vector<TakenSheet> take(std::span<const std::string> runs, std::size_t count,
                                 std::chrono::milliseconds wait);
    // Takes over the sheets whose worker has not renewed its lease, or is one of `lost`.
    std::vector<TakenSheet> takeOver(const std::string& run, std::chrono::milliseconds lease,
                                     std::size_t count, std::span<const std::string> lost = {});
    std::vector<std::string> lostWorkers();  // names of the workers that were silent for three
                                             // heartbeats

    // Which of them were accepted; the other sheets were no longer ours.
    std::vector<bool> answer(std::span<const Answer> answers);
    void giveBack(std::span<const TakenSheet> sheets);  // as if they had never been taken
    // Renews all leases of one run. Returns the entries that are no longer ours.
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
