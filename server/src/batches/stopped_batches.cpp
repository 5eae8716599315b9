#include "batches/stopped_batches.h"

#include <algorithm>

namespace sheafline {

namespace {

constexpr std::chrono::seconds kFirstPause{5};
constexpr std::chrono::seconds kLongestPause{600};

}  // namespace

void StoppedBatches::stopped(const std::string& batch_id, Time now) {
    Wait& wait = batches_[batch_id];
    wait.pause = wait.pause.count() == 0 ? kFirstPause : std::min(wait.pause * 2, kLongestPause);
    wait.until = now + wait.pause;
    wait.waits = true;
}

bool StoppedBatches::contains(const std::string& batch_id) const {
    const auto found = batches_.find(batch_id);
    return found != batches_.end() && found->second.waits;
}

std::vector<std::string> StoppedBatches::takeDue(Time now) {
    std::vector<std::string> due;
    for (auto& [batch_id, wait] : batches_) {
        if (!wait.waits || now < wait.until) continue;
        wait.waits = false;
        due.push_back(batch_id);
    }
    return due;
}

}  // namespace sheafline
