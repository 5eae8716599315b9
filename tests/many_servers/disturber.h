// Disturbs a group of servers: seeded random faults, one after the other. A process is killed, or
// stopped for 30 seconds: a server, a batch process or a worker; PostgreSQL stops immediately and
// starts again; Redis is emptied. At least one server always runs. Its own thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "shared_servers.h"

namespace sheafline::test {

class Disturber {
 public:
    Disturber(SharedServers& servers, int faults, std::uint64_t seed);
    ~Disturber();  // heals what is still disturbed
    Disturber(const Disturber&) = delete;
    Disturber& operator=(const Disturber&) = delete;

    bool done() const;
    std::map<std::string, int> counts() const;  // by the kind of fault

 private:
    using Clock = std::chrono::steady_clock;

    struct Healing {
        Clock::time_point due;
        std::function<void()> heal;
    };

    void run(const std::stop_token& stop);
    bool disturb();
    bool disturbServer();
    bool disturbProcess(const std::string& command);
    void waitAndHeal(const std::stop_token& stop, std::chrono::milliseconds time);
    void healDue(Clock::time_point now);
    void count(const std::string& kind);
    int number(int from, int to);

    SharedServers& servers_;
    const int faults_;
    // used by the thread only
    std::mt19937_64 random_;
    std::vector<bool> up_;
    std::vector<Healing> healings_{};
    std::map<std::string, int> kills_{};  // of its processes, by batch

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::map<std::string, int> counts_{};
    bool done_ = false;
    std::condition_variable_any never_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline::test
