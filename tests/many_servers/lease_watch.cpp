#include "lease_watch.h"

#include <chrono>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "child_server.h"

namespace sheafline::test {

namespace {

constexpr std::chrono::milliseconds kPause{250};

}  // namespace

LeaseWatch::LeaseWatch(std::string url)
    : url_(std::move(url)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::vector<double> LeaseWatch::takeovers() const {
    const std::lock_guard lock(mutex_);
    return takeovers_;
}

void LeaseWatch::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            sample();
        } catch (const std::runtime_error&) {
            // PostgreSQL restarts.
        }
        std::unique_lock lock(mutex_);
        never_.wait_for(lock, stop, kPause, [] { return false; });
    }
}

void LeaseWatch::sample() {
    std::istringstream rows(outputOf(
        "psql -X -q -At -F ' ' '" + url_ +
        "' -c \"SELECT name, epoch, extract(epoch FROM lease_until) FROM sheafline.leases WHERE "
        "name LIKE 'batch/%' AND lease_until > '-infinity'\" 2> /dev/null"));
    std::string name;
    for (Lease now; rows >> name >> now.epoch >> now.until;) {
        const auto [known, is_new] = leases_.try_emplace(name, now);
        if (is_new) continue;
        // Both times are one lease after a renewal or a claim.
        if (now.epoch > known->second.epoch) {
            const std::lock_guard lock(mutex_);
            takeovers_.push_back(now.until - known->second.until);
        }
        known->second = now;
    }
}

}  // namespace sheafline::test
