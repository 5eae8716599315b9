// Batches that stopped for want of something, a full disk above all, and when each is to be tried
// again: after 5 seconds, then after twice as long each time, at most 10 minutes. A value.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace sheafline {

class StoppedBatches {
 public:
    using Time = std::chrono::steady_clock::time_point;

    void stopped(const std::string& batch_id, Time now);
    void ended(const std::string& batch_id) { batches_.erase(batch_id); }
    // Whether it stands still, and is not being tried just now.
    bool contains(const std::string& batch_id) const;
    // Takes those out whose time has come; how long they waited is remembered until they end.
    std::vector<std::string> takeDue(Time now);

 private:
    struct Wait {
        bool waits = true;
        std::chrono::seconds pause{};
        Time until{};
    };
    std::map<std::string, Wait> batches_{};
};

}  // namespace sheafline
