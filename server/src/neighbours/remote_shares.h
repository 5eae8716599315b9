// With whom batches of other servers are shared, as the home of each says. An open stream that
// depends on a share is checked every two seconds; a home that does not answer changes nothing.
// Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>

#include "neighbours/homes.h"

namespace sheafline {

class RemoteShares {
 public:
    explicit RemoteShares(Homes& homes);

    // Asks the home unless it has just answered. Throws Error of class transient if it does not
    // answer, or if too many calls wait already.
    bool sharedWith(const std::string& batch_id, const std::string& user);
    // For an open stream, without a call: false once the home has said so. A batch that is not
    // looked up for a while is forgotten.
    bool isStillShared(const std::string& batch_id, const std::string& user);
    bool empty();

 private:
    using Clock = std::chrono::steady_clock;
    struct Known {
        Shares shares{};
        Clock::time_point answered{};
        Clock::time_point looked_up{};
    };

    void askAgain(const std::stop_token& stop);
    std::optional<std::string> dueBatch();
    void ask(const std::string& batch_id);

    Homes& homes_;
    std::mutex mutex_;
    // guarded by mutex_
    std::unordered_map<std::string, Known> known_;
    int waiting_ = 0;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline
