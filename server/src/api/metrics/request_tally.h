// Counts the answered requests by route, method and status, and how long they took. A path counts
// as the pattern of its route, so the number of samples does not grow with batches and users. Any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "api/api_routes.h"
#include "api/metrics/metric_text.h"
#include "http/front/front_config.h"

namespace sheafline::api {

class RequestTally {
 public:
    // The routes that are there when the first request is counted.
    explicit RequestTally(const ApiRoutes& routes) : routes_(routes) {}

    void count(const http::Served& served);
    void write(MetricText& metrics) const;

 private:
    static constexpr std::array<double, 9> kBounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30};

    std::string patternOf(const std::string& path) const;

    const ApiRoutes& routes_;
    mutable std::mutex mutex_;
    // guarded by mutex_
    std::map<std::tuple<std::string, std::string, int>, std::uint64_t> counts_;
    std::array<std::uint64_t, kBounds.size()> at_most_{};  // of kBounds
    std::uint64_t all_ = 0;
    double seconds_ = 0;
    std::uint64_t failed_sign_ins_ = 0;
};

}  // namespace sheafline::api
