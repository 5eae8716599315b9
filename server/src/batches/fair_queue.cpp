#include "batches/fair_queue.h"

#include <algorithm>
#include <utility>

namespace sheafline {

void FairQueue::push(WaitingBatch batch) { waiting_.push_back(std::move(batch)); }

bool FairQueue::remove(const std::string& batch_id) {
    return std::erase_if(waiting_,
                         [&](const WaitingBatch& batch) { return batch.batch_id == batch_id; }) > 0;
}

bool FairQueue::contains(const std::string& batch_id) const {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [&](const WaitingBatch& batch) { return batch.batch_id == batch_id; });
}

std::optional<WaitingBatch> FairQueue::next(std::size_t most_per_user) {
    std::map<std::string, std::size_t> at_work;
    for (const auto& [id, user] : running_) ++at_work[user];
    const auto rank = [&](const WaitingBatch& batch) {
        const auto served = last_served_.find(batch.user);
        return std::pair(at_work[batch.user], served == last_served_.end() ? 0 : served->second);
    };
    auto first = waiting_.end();
    for (auto batch = waiting_.begin(); batch != waiting_.end(); ++batch) {
        if (running_.contains(batch->batch_id)) continue;  // its last execution is still ending
        if (at_work[batch->user] >= most_per_user) continue;
        if (first == waiting_.end() || rank(*batch) < rank(*first)) first = batch;
    }
    if (first == waiting_.end()) return std::nullopt;
    WaitingBatch batch = std::move(*first);
    waiting_.erase(first);
    running_.emplace(batch.batch_id, batch.user);
    last_served_[batch.user] = ++turn_;
    return batch;
}

std::set<std::string> FairQueue::runningIds() const {
    std::set<std::string> ids;
    for (const auto& [id, user] : running_) ids.insert(id);
    return ids;
}

void FairQueue::ended(const std::string& batch_id) { running_.erase(batch_id); }

}  // namespace sheafline
