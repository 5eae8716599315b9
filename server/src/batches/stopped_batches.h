// Batches that stopped because of a missing resource, usually a full disk, and when each is tried
// again: after 5 seconds, then with a doubled pause each time, at most 10 minutes. A value.
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
    // Whether the batch is stopped and waits for its next attempt.
    bool contains(const std::string& batch_id) const;
    // Takes out the batches whose pause is over; the length of the pause is remembered until they
    // end.
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
