// The leases of one server in a database that several servers share: which batches it runs
// ("batch/ID") and which sinks it feeds ("sink/NAME"). A lease is 10 s long by the clock of the
// database and is renewed every 3 s on a thread of its own. One that has run out is not renewed:
// any server takes it, with a higher epoch. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include <sheafline/log.h>

#include "base/sql/database.h"
#include "base/sql/place.h"
#include "history/leases/lease.h"

namespace sheafline {

struct ClaimedBatch {
    std::string batch_id{};
    std::string user{};
    std::string resumed_because{};  // empty: it has not begun
    std::int64_t epoch = 0;
};

class Leases {
 public:
    // `owner_id` is unique for each start of a process; `name` is for people. Throws Error.
    Leases(const sql::Place& place, std::string owner_id, std::string name, Log& log);
    ~Leases();  // gives all of them back
    Leases(const Leases&) = delete;
    Leases& operator=(const Leases&) = delete;

    // Both are called on the thread that renews, must be quick and not call back.
    using Time = std::chrono::steady_clock::time_point;
    struct Listener {
        std::function<void(const std::string& name, Time until)> renewed{};
        std::function<void(const std::string& name)> lost{};
    };
    void listen(Listener listener);

    // Claims the batch that runs next, over all servers: one of the user with the fewest running
    // batches; among those users, of the one who was served longest ago; of one user's batches, the
    // oldest. Skips users who have `most_of_user` running ones, and `not_these`.
    std::optional<ClaimedBatch> claimNext(std::size_t most_of_user,
                                          const std::set<std::string>& not_these);
    // One that no server runs; otherwise empty.
    std::optional<ClaimedBatch> claim(const std::string& batch_id);
    // A lease that its owner got with a new batch.
    void keep(const std::string& name, std::int64_t epoch);
    // One that nobody has; otherwise returns false.
    bool take(const std::string& name);
    // `reason` is why the next owner continues.
    void giveBack(const std::string& name, const std::string& reason = {});
    std::int64_t epochOf(const std::string& name);  // 0: not held
    // By the monotonic clock, also while the database cannot be reached.
    bool holds(const std::string& name);

 private:
    using Clock = std::chrono::steady_clock;
    struct Held {
        std::int64_t epoch = 0;
        Clock::time_point since{};
        Clock::time_point until{};
    };
    void hold(const std::string& name, std::int64_t epoch, Clock::time_point asked);

    std::optional<ClaimedBatch> claimOne(const std::string& condition, std::size_t most_of_user,
                                         const std::string& ids);
    void keepLoop(const std::stop_token& stop);
    void renew();
    void endStuckTransactions();
    void dropExpired();

    const std::string owner_id_;
    const std::string name_;
    Log& log_;

    std::mutex claims_mutex_;
    const std::unique_ptr<sql::Database> claims_;    // guarded by claims_mutex_
    const std::unique_ptr<sql::Database> renewals_;  // used by the thread, and before it

    std::mutex mutex_;
    // guarded by mutex_
    std::map<std::string, Held> held_;
    Listener listener_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline
