// Selects the batch that runs next: a batch of the user with the fewest running batches; among
// those users, of the one who was served longest ago; of one user's batches, the oldest. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace sheafline {

struct WaitingBatch {
    std::string batch_id{};
    std::string user{};
    std::string resumed_because{};
    std::int64_t epoch = 0;  // of its lease; 0: it has none
};

class FairQueue {
 public:
    void push(WaitingBatch batch);
    bool remove(const std::string& batch_id);
    bool contains(const std::string& batch_id) const;
    std::size_t size() const { return waiting_.size(); }

    // Takes the next batch out and counts it as running until ended(). Skips users who have
    // `most_per_user` running batches, and a batch that was reopened before its process is gone.
    std::optional<WaitingBatch> next(std::size_t most_per_user);
    // Counts a batch as running that did not wait here.
    void started(const WaitingBatch& batch) { running_.emplace(batch.batch_id, batch.user); }
    void ended(const std::string& batch_id);
    std::set<std::string> runningIds() const;
    std::size_t running() const { return running_.size(); }

 private:
    std::deque<WaitingBatch> waiting_{};                  // the oldest first
    std::map<std::string, std::string> running_{};        // batch to user
    std::map<std::string, std::uint64_t> last_served_{};  // of users whose batches wait or run
    std::uint64_t turn_ = 0;
};

}  // namespace sheafline
