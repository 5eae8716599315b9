// A worker for batches on other hosts: takes their sheets from Redis into its slots and sends the
// answers. Starts in the constructor. One thread takes sheets (on a connection that may wait in
// Redis), one reports (answers, leases, heartbeat), and each slot has one. docs/workers.md
// describes it for operators.
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

#include <sheafline/backoff.h>
#include <sheafline/log.h>
#include <sheafline/work/work_source.h>

#include "plugins/plugin_catalog.h"
#include "worker/work_desk.h"
#include "worker/work_slot.h"

namespace sheafline {

struct WorkerHostOptions {
    redis::RedisUrl redis{};
    int concurrency = 1;
    // Empty: all that are installed, except `command`, which runs the program that an order names.
    std::vector<std::string> processors{};
    std::chrono::milliseconds heartbeat{5'000};
    std::filesystem::path folder{};    // for files of orders and copies of sheets
    std::string program{};             // our version
    std::filesystem::path key_file{};  // file with the key that signs orders
    TlsFiles tls{};                    // for servers that offer their sheets over https
};

// It runs the program that an order names, so a host offers it only if its operator names it.
inline constexpr std::string_view kProgramRunner = "command";

class WorkerHost {
 public:
    // Throws ConfigError if one of `processors` is not installed, and RedisError if Redis rejects
    // our user or password.
    WorkerHost(WorkerHostOptions options, const PluginCatalog& plugins, Log& log);
    ~WorkerHost();  // kills running worker processes; their sheets go to others at once
    WorkerHost(const WorkerHost&) = delete;
    WorkerHost& operator=(const WorkerHost&) = delete;

    const std::string& name() const { return name_; }
    void drain();         // takes no more sheets; those that are not begun go to others
    bool isDone() const;  // draining, and all begun sheets are answered

 private:
    using Clock = std::chrono::steady_clock;

    struct Order {
        std::shared_ptr<OrderAtWork> at_work{};  // null: rejected permanently
        std::string rejection{};
        Clock::time_point look_for_lost{};  // of other workers
    };

    redis::ConnectionOptions connection(const std::string& use) const;
    work::WorkerRecord description() const;

    void take(const std::stop_token& stop);
    void lookAtRuns(work::WorkSource& source);
    void lookForLost(work::WorkSource& source);
    Order taken(work::WorkSource& source, const std::string& run);
    std::string whyUnfit(const work::WorkOrder& order) const;
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
    static void pause(std::chrono::milliseconds time, const std::stop_token& stop);
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

    std::atomic<bool> tell_now_ = true;  // the list of workers must show a change at once

    // the taker's
    std::size_t turn_ = 0;  // index of the next run
    Clock::time_point look_at_{};
    int order_number_ = 0;
    std::vector<std::string> lost_;  // other workers, as of the last check
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
