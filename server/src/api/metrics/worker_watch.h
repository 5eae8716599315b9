// How many workers the Redis of this server has, looked up every ten seconds: a scrape of /metrics
// must not wait for Redis. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <stop_token>
#include <string>
#include <thread>

#include "api/metrics/metric_text.h"

namespace sheafline::api {

class WorkerWatch {
 public:
    explicit WorkerWatch(const std::string& redis_url);  // empty: there are no workers

    void write(MetricText& metrics) const;

 private:
    void watch(const std::stop_token& stop, const std::string& redis_url);

    std::atomic<std::size_t> connected_ = 0;
    std::atomic<std::size_t> busy_ = 0;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline::api
