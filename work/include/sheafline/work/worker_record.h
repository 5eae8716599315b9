// What a worker tells of itself with every heartbeat, and the list of all that told.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sheafline/redis/connection.h>

namespace sheafline::work {

struct SheetAtWork {
    std::string batch{};
    int sheet = 0;
    int attempt = 0;
    double seconds = 0;  // since it was taken
};

struct RefusedOrder {
    std::string batch{};
    std::string reason{};  // "omr is 1.1.0 here, 1.0.0 is wanted"
};

struct WorkerRecord {
    std::string name{};   // HOST.PID.RANDOM
    std::string state{};  // idle, working, draining; lost: not heard of for three heartbeats
    std::string program{};
    std::map<std::string, std::string> processors{};  // name → version
    int concurrency = 0;
    std::uint64_t done = 0;    // answers that counted
    std::uint64_t failed = 0;  // of these: attempts that failed
    std::uint64_t late = 0;    // answers that came after another had taken over
    double rate_per_second = 0;
    std::string since{};
    std::chrono::milliseconds heartbeat{5'000};
    std::vector<SheetAtWork> sheets{};
    std::vector<RefusedOrder> refuses{};
    double seen_seconds_ago = 0;  // filled by workerRecords()
};

// One line, as GET /api/workers shows it.
std::string jsonOf(const WorkerRecord& worker);

// By name. Those that have been lost for an hour are forgotten. Throws RedisError.
std::vector<WorkerRecord> workerRecords(redis::Connection& redis);

}  // namespace sheafline::work
