// A worker of batches on other hosts: takes their sheets from Redis into its slots and answers for
// them. Works once constructed. One thread takes (over a connection that may wait in Redis), one
// reports (answers, leases, heartbeat), each slot has its own. docs/workers.md tells operators.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sheafline/log.h>
#include <sheafline/redis/backoff.h>
#include <sheafline/work/work_source.h>

#include "plugins/plugin_catalog.h"
#include "worker/work_desk.h"
#include "worker/work_slot.h"

namespace sheafline {

struct WorkerHostOptions {
    redis::RedisUrl redis{};
    int concurrency = 1;
    // Empty: all that are installed but `command`, which runs what an order says.
    std::vector<std::string> processors{};
    std::chrono::milliseconds heartbeat{5'000};
    std::filesystem::path folder{};    // for files of orders and copies of sheets
    std::string program{};             // our version
    std::filesystem::path key_file{};  // of the key that signs orders
};

class WorkerHost {
 public:
    // Throws ConfigError where one of `processors` is not installed, RedisError where Redis refuses
    // our user or password.
    WorkerHost(WorkerHostOptions options, const PluginCatalog& plugins, Log& log);
    ~WorkerHost();  // kills what is still at work; its sheets go to others at once
    WorkerHost(const WorkerHost&) = delete;
    WorkerHost& operator=(const WorkerHost&) = delete;

    const std::string& name() const { return name_; }
    void drain();         // takes nothing more; what nobody has begun goes to others
    bool isDone() const;  // draining, and all that was begun is answered

 private:
    using Clock = std::chrono::steady_clock;

    struct Order {
        std::shared_ptr<OrderAtWork> at_work{};  // null: refused for good
        std::string refusal{};
        Clock::time_point look_for_lost{};  // of other workers
    };

    redis::ConnectionOptions connection(const std::string& use) const;
    work::WorkerRecord description() const;

    void take(const std::stop_token& stop);
    void lookAtRuns(work::WorkSource& source);
    void lookForLost(work::WorkSource& source);
    Order taken(work::WorkSource& source, const std::string& run);
    std::string misfit(const work::WorkOrder& order) const;
    bool takeSome(work::WorkSource& source);
    std::vector<work::TakenSheet> lostByOthers(work::WorkSource& source,
                                               const std::vector<std::string>& runs,
                                               std::size_t room);
    void putOnDesk(std::vector<work::TakenSheet> sheets);

    void report(const std::stop_token& stop);
    void send(work::WorkSource& source, const WorkDesk::Outbox& outbox);
    void renewLeases(work::WorkSource& source);
    void setPace();
    void tell(work::WorkSource& source);
    Clock::time_point nextDuty() const;
    void complain(const redis::RedisError& error, std::string& said);

    const WorkerHostOptions options_;
    const PluginCatalog& plugins_;
    Log& log_;
    const work::WorkKey key_;
    const std::string name_;
    const std::string since_;
    std::map<std::string, std::string> processors_;  // name → version
    WorkDesk desk_;
    SheetOffers offers_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::map<std::string, Order> orders_;  // by run
    bool draining_ = false;

    std::atomic<bool> tell_now_ = true;  // something that the list of workers is to show at once

    // the taker's
    std::size_t turn_ = 0;  // whose run is the next
    Clock::time_point look_at_{};
    int order_number_ = 0;
    std::vector<std::string> lost_;  // other workers, as of the last look
    Clock::time_point look_for_lost_at_{};

    // the reporter's
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t late_ = 0;
    std::uint64_t told_done_ = 0;
    std::uint64_t counted_done_ = 0;
    Clock::time_point counted_{};
    double rate_ = 0;
    Clock::time_point told_{};
    Clock::time_point tell_at_{};
    std::map<std::string, Clock::time_point> renew_at_;  // by run
    Clock::time_point look_for_due_{};

    std::vector<std::unique_ptr<WorkSlot>> slots_;
    std::jthread reporter_;
    std::jthread taker_;
};

}  // namespace sheafline
