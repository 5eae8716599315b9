// The entry of a worker, sent with every heartbeat, and the list of all workers.
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

struct RejectedOrder {
    std::string batch{};
    std::string reason{};  // "has omr 1.1.0 instead of 1.0.0"
};

struct WorkerRecord {
    std::string name{};   // HOST.PID.RANDOM
    std::string state{};  // idle, working, draining; lost: silent for three heartbeats
    std::string program{};
    std::map<std::string, std::string> processors{};  // name → version
    int concurrency = 0;
    std::uint64_t done = 0;    // accepted answers
    std::uint64_t failed = 0;  // failed attempts among them
    std::uint64_t late = 0;    // answers that came after another had taken over
    double rate_per_second = 0;
    std::string since{};
    std::chrono::milliseconds heartbeat{5'000};
    std::vector<SheetAtWork> sheets{};
    std::vector<RejectedOrder> rejects{};
    double seen_seconds_ago = 0;  // filled by workerRecords()
};

// One line, as GET /api/workers shows it.
std::string jsonOf(const WorkerRecord& worker);

// By name, without workers that have been lost for an hour. Throws RedisError.
std::vector<WorkerRecord> workerRecords(redis::Connection& redis);

}  // namespace sheafline::work
