// The lag of Redis: 1,000 batches commit events at once, and a subscriber of all their channels
// notes when each event arrives. The lag of an event is the time from its COMMIT to its arrival;
// the goal is less than a second. Then the rate is measured at which the sink fills a Redis that
// came back empty.
//
//     sink_lag [BATCHES] [EVENTS_PER_SECOND] [SECONDS]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unordered_map>
#include <vector>

#include <sheafline/redis/progress_keys.h>
#include <sheafline/redis/subscriber.h>

#include "base/stderr_log.h"
#include "batches/batch_json.h"
#include "history/history.h"
#include "owner/sink_feed.h"
#include "plugin_under_test.h"
#include "redis_server.h"
#include "temporary_folder.h"

using namespace sheafline;
using Clock = std::chrono::steady_clock;

namespace {

double cpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The time of each commit, and the time from there to the arrival of the event.
class Lags {
 public:
    void committed(const std::string& batch, std::uint64_t seq) {
        const std::lock_guard lock(mutex_);
        at_[batch + ':' + std::to_string(seq)] = Clock::now();
    }
    void heard(const std::string& batch, std::uint64_t seq) {
        const auto now = Clock::now();
        const std::lock_guard lock(mutex_);
        const auto found = at_.find(batch + ':' + std::to_string(seq));
        // The sink may be faster than the callback of the commit.
        lags_.push_back(
            found == at_.end()
                ? 0
                : std::chrono::duration<double, std::milli>(now - found->second).count());
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return lags_.size();
    }
    std::vector<double> sorted() {
        const std::lock_guard lock(mutex_);
        std::vector<double> lags = lags_;
        std::ranges::sort(lags);
        return lags;
    }

 private:
    std::mutex mutex_;
    std::unordered_map<std::string, Clock::time_point> at_;
    std::vector<double> lags_;
};

std::unique_ptr<SinkFeed> feed(const char* name, const test::RedisServer& redis, History& history,
                               const std::filesystem::path& file, Log& log) {
    return std::make_unique<SinkFeed>(
        SinkFeedOptions{
            .name = name,
            .durable = true,
            .view = [](const BatchRow& batch,
                       HistoryReader& reader) { return batchView(batch, batch.state, reader); }},
        test::makeSink("redis", {{"url", {.text = redis.url()}}}), history, file, log);
}

}  // namespace

int main(int argc, char** argv) {
    const int batches = argc > 1 ? std::atoi(argv[1]) : 1'000;
    const int rate = argc > 2 ? std::atoi(argv[2]) : 2'000;
    const int seconds = argc > 3 ? std::atoi(argv[3]) : 10;
    const TemporaryFolder folder;
    const auto file = folder / "history.db";
    const test::RedisServer redis;
    StderrLog log({.lowest = LogLevel::warning}, "");
    History history(file, "bench");
    std::vector<std::uint64_t> seqs(static_cast<std::size_t>(batches), 1);
    const auto idOf = [](int batch) { return "batch-" + std::to_string(batch); };
    for (int b = 0; b < batches; ++b) {
        history.submit(
            {.batch_id = idOf(b),
             .create = NewBatch{.pipeline = "omr", .params = "{}", .user = "ann"},
             .plan = {{.stage_id = "extract", .stage = "extracting", .plugin = "extract"},
                      {.stage_id = "read", .stage = "processing_sheets", .plugin = "dispatch"},
                      {.stage_id = "csv", .stage = "generating_csv", .plugin = "csv"}},
             .events = {{.stage = "queued", .message = "Batch created"}}},
            {});
    }

    Lags lags;
    std::atomic<int> ready = 0;
    redis::Subscriber subscriber(
        {.url = redis::parseRedisUrl(redis.url())},
        {.heard = [&](std::string_view) { ++ready; },
         .message =
             [&](std::string_view channel, std::string_view message) {
                 const auto end = channel.rfind(":progress");
                 const auto at = message.find(",\"seq\":");
                 lags.heard(
                     std::string(channel.substr(6, end - 6)),
                     std::strtoull(std::string(message.substr(at + 7, 20)).c_str(), nullptr, 10));
             }});
    for (int b = 0; b < batches; ++b) subscriber.subscribe(redis::ProgressKeys(idOf(b)).channel);
    while (ready < batches) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    auto sink = feed("redis", redis, history, file, log);
    sink->drain(Clock::now() + std::chrono::seconds(60));
    while (lags.count() < static_cast<std::size_t>(batches))
        std::this_thread::sleep_for(std::chrono::milliseconds(5));

    const double cpu = cpuSeconds();
    const auto start = Clock::now();
    const int events = rate * seconds;
    for (int i = 0; i < events; ++i) {
        const int b = i % batches;
        const std::uint64_t seq = ++seqs[static_cast<std::size_t>(b)];
        history.submit({.batch_id = idOf(b),
                        .events = {{.stage = "processing_sheets",
                                    .message = "Progress: 1368/11404 tasks completed"}}},
                       [&, b, seq](const std::exception_ptr&) { lags.committed(idOf(b), seq); });
        std::this_thread::sleep_until(start + std::chrono::microseconds(1'000'000LL * i / rate));
    }
    const auto all = static_cast<std::size_t>(batches) + static_cast<std::size_t>(events);
    while (lags.count() < all) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const double spent = cpuSeconds() - cpu;
    auto sorted = lags.sorted();
    const auto part = [&](double share) {
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    std::cout << std::fixed << std::setprecision(1) << batches << " batches, " << rate
              << " events/s for " << seconds << " s: lag p50 " << part(0.5) << " ms, p99 "
              << part(0.99) << " ms, max " << part(1) << " ms; CPU of history, sink and subscriber "
              << spent << " s (" << spent * 1e6 / events << " us an event)\n";

    redis.cli("FLUSHALL");
    const double before = cpuSeconds();
    const auto again = Clock::now();
    auto second = feed("second", redis, history, file, log);
    second->drain(Clock::now() + std::chrono::seconds(120));
    const std::chrono::duration<double> took = Clock::now() - again;
    std::cout << "catching up with all " << batches + events << " events: " << took.count()
              << " s, " << static_cast<double>(batches + events) / took.count() << " events/s, "
              << (cpuSeconds() - before) * 1e6 / (batches + events) << " us of CPU an event\n";
    const bool good = part(1) < 1'000;
    std::cout << (good ? "goal met: lag under a second\n" : "goal missed: lag of a second\n");
    return good ? 0 : 1;
}
