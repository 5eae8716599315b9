// What events change of batches and stages: the counters and the progress. A transaction stores
// only the last of each, together at its end. One thread.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "base/sql/statement.h"
#include "history/batch_tally.h"

namespace sheafline {

class PendingCounters {
 public:
    using Tallies = std::unordered_map<std::string, BatchTally>;

    PendingCounters(sql::Database& database, std::string owner_id);

    // The batch's counters have changed, and what this event of it says about its stage.
    void note(const std::string& batch_id, const BatchTally& tally);
    void note(const std::string& batch_id, const BatchTally& tally, const EventDraft& event);

    // Both store what was noted, with the counters of `tallies`, and forget it.
    void store(const std::string& batch_id, const Tallies& tallies);
    void storeAll(const Tallies& tallies);
    void forget() { pending_.clear(); }

 private:
    struct Progress {
        double done = 0;
        double total = 0;
        std::uint64_t failed = 0;
        std::int64_t boot_ms = 0;
    };
    struct Batch {
        int execution = 1;
        std::map<std::string, Progress, std::less<>> stages{};
    };

    void add(const std::string& batch_id, const Batch& batch, const Tallies& tallies);
    void run();

    const std::string owner_id_;
    sql::Statement tally_, progress_;
    std::unordered_map<std::string, Batch> pending_{};
};

}  // namespace sheafline
