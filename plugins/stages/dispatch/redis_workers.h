// A WorkerPool of workers on other hosts, reached through Redis. Only this object knows which
// sheets it waits for. A window of them is in Redis, and is stored there again if Redis lost it. If
// Redis is down, or if no worker takes the batch's sheets, it waits and reports the reason.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sheafline/backoff.h>
#include <sheafline/log.h>
#include <sheafline/work/work_window.h>
#include <sheafline/worker_pool.h>

namespace sheafline {

class RedisWorkers : public WorkerPool {
 public:
    using Say = std::function<void(const std::string& why)>;  // `why` is empty when work continues

    RedisWorkers(redis::ConnectionOptions connection, work::WorkOrder order,
                 const work::WorkKey& key, int max_attempts, Log& log, Say say_waiting);

    std::vector<std::string> columns() override { return window_.order().columns; }
    // Throws RedisError if Redis rejects our user or password, because waiting would not help.
    void run(const std::function<std::optional<SheetTask>()>& next,
             const std::function<void(const SheetOutcome&)>& done, std::stop_token stop) override;

 private:
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void(const SheetOutcome&)>;

    struct DeadLetter {
        int sheet = 0;
        int attempt = 0;
        std::string reason{};
    };

    void fill(const std::function<std::optional<SheetTask>()>& next);
    void step(const Done& done);
    void give();
    void lookAround(const Done& done);
    void findMissing(const Done& done);
    void look(const std::vector<work::WorkerRecord>& workers);
    void accept(work::WorkOutcome outcome, const Done& done);
    void waitForRedis(const redis::RedisError& error, const std::stop_token& stop);
    void sayWaiting(const std::string& why);

    work::WorkWindow window_;
    const int max_attempts_;
    Log& log_;
    const Say say_;
    Backoff backoff_;

    std::map<int, SheetTask> given_;  // by number: in Redis, as far as we know
    std::vector<SheetTask> fresh_;    // not yet in Redis
    std::vector<DeadLetter> dead_;
    std::size_t window_size_ = 0;
    std::size_t outcomes_ = 0;  // since the last check
    bool source_empty_ = false;
    bool open_ = false;   // Redis has our window, as far as we know
    bool doubt_ = false;  // an exchange was interrupted, so the content of Redis must be read
    Clock::time_point looked_{};
    std::string waiting_;  // the last reported reason
};

}  // namespace sheafline
