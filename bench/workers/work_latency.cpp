// The round trip of one sheet from a batch through Redis to a worker process, one at a time:
//   work_latency REDIS_URL PROGRAM_VERSION [SHEETS]
// A worker must be running. Prints microseconds: median, 99th percentile, maximum.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <sheafline/work/work_window.h>

using namespace sheafline;
using Clock = std::chrono::steady_clock;

namespace {

long wayOf(work::WorkWindow& window, int number) {
    const std::vector<SheetTask> one{{.number = number}};
    const auto start = Clock::now();
    if (!window.give(one)) throw std::runtime_error("Redis has lost the window");
    const auto deadline = start + std::chrono::seconds(30);
    while (window.take(std::chrono::milliseconds(500)).empty()) {
        if (Clock::now() > deadline) throw std::runtime_error("no worker answers");
    }
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

int measure(const std::string& url, const std::string& program, int sheets) {
    work::WorkWindow window({.url = redis::parseRedisUrl(url), .name = "work-latency"},
                            {.run = work::newRun("latency", 1),
                             .batch = "latency",
                             .parcel = {.processor = {.name = "empty", .params = {}},
                                        .version = "1.0.0",
                                        .program = program},
                             .columns = {"number"},
                             .memory_bytes = 2ULL << 30U},
                            work::WorkKey(work::WorkKey::defaultFile()));
    window.open();
    for (int warm = 1; warm <= 20; ++warm) wayOf(window, warm);
    std::vector<long> ways;
    for (int i = 0; i < sheets; ++i) {
        ways.push_back(wayOf(window, 1000 + i));
        if (i % 100 == 0) window.renew();
    }
    std::ranges::sort(ways);
    std::cout << ways[ways.size() / 2] << ' ' << ways[ways.size() * 99 / 100] << ' ' << ways.back()
              << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: work_latency REDIS_URL PROGRAM_VERSION [SHEETS]\n";
        return 2;
    }
    try {
        return measure(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 1000);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
