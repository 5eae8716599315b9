#include "api/metrics/worker_watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include <sheafline/work/worker_record.h>

namespace sheafline::api {

namespace {

constexpr std::chrono::seconds kBetweenLooks{10};

}  // namespace

WorkerWatch::WorkerWatch(const std::string& redis_url) {
    if (!redis_url.empty())
        thread_ = std::jthread(
            [this, redis_url](const std::stop_token& stop) { watch(stop, redis_url); });
}

void WorkerWatch::watch(const std::stop_token& stop, const std::string& redis_url) {
    redis::Connection redis({.url = redis::parseRedisUrl(redis_url), .name = "sheafline-metrics"});
    std::mutex mutex;
    std::condition_variable_any never;
    while (!stop.stop_requested()) {
        std::size_t connected = 0;
        std::size_t busy = 0;
        try {
            for (const work::WorkerRecord& worker : work::workerRecords(redis)) {
                if (worker.state == "lost") continue;
                ++connected;
                busy += worker.sheets.empty() ? 0 : 1;
            }
        } catch (const redis::RedisError&) {  // NOLINT(bugprone-empty-catch): then none is known
        }
        connected_ = connected;
        busy_ = busy;
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, kBetweenLooks, [] { return false; });
    }
}

void WorkerWatch::write(MetricText& metrics) const {
    metrics.add("sheafline_workers_connected", "gauge",
                "Workers on all hosts that Redis heard of lately", connected_.load());
    metrics.add("sheafline_workers_busy", "gauge", "Those that read a sheet", busy_.load());
}

}  // namespace sheafline::api
