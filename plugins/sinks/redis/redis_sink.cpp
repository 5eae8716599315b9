#include "redis_sink.h"

#include <algorithm>
#include <ctime>
#include <unordered_map>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/redis/progress_keys.h>

#include "store_script.h"

namespace sheafline::redis {

namespace {

constexpr std::size_t kEventsInCall = 100;  // keeps a script short, because Redis does nothing else
                                            // while it runs
constexpr std::size_t kCallsAtOnce = 100;
constexpr std::size_t kRebuildEvents = 1'000;

}  // namespace

RedisSink::RedisSink(RedisSinkOptions options)
    : options_(std::move(options)), script_(kStoreScript), connection_(options_.connection) {}

void RedisSink::deliver(std::span<const CommittedEvent> events) {
    faultPoint("redis.deliver");
    try {
        store(events);
    } catch (const RedisError& error) {
        // A server that was restarted since the last delivery is available again, so try once more.
        if (error.kind() != ErrorKind::lost) throw;
        store(events);
    }
    faultPoint("redis.delivered");
}

void RedisSink::store(std::span<const CommittedEvent> events) {
    const std::vector<Run> runs = runsOf(events);
    for (std::size_t at = 0; at < runs.size(); at += kCallsAtOnce) {
        const auto some = std::span(runs).subspan(at, std::min(kCallsAtOnce, runs.size() - at));
        std::vector<ScriptCall> calls;
        calls.reserve(some.size());
        for (const Run& run : some) calls.push_back(callOf(run, "publish"));
        const std::vector<Reply> replies = connection_.evalAll(script_, calls);
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (taken(some[i], replies[i])) continue;
            rebuild(some[i], some[i].events.front()->seq - 1);
            if (!taken(some[i], connection_.eval(script_, calls[i])))
                throw Error(ErrorClass::transient, "REDIS_KEYS_LOST",
                            options_.connection.url.shown() +
                                " loses keys as fast as they are written; check whether it evicts "
                                "keys (maxmemory)");
        }
    }
}

// In order within each batch. A batch that was removed, or whose keys would have expired, has no
// run.
std::vector<RedisSink::Run> RedisSink::runsOf(std::span<const CommittedEvent> events) const {
    const std::int64_t now = std::time(nullptr);
    const std::int64_t ttl = std::chrono::ceil<std::chrono::seconds>(options_.ttl).count();
    std::unordered_map<std::string, Events> by_batch;
    std::vector<const std::string*> order;
    for (const CommittedEvent& event : events) {
        Events& own = by_batch[event.batch_id];
        if (own.empty()) order.push_back(&event.batch_id);
        own.push_back(&event);
    }
    std::vector<Run> runs;
    for (const std::string* batch_id : order) {
        auto view = history_->batch(*batch_id);
        if (!view || (view->ended_seconds != 0 && view->ended_seconds + ttl < now)) continue;
        const Events& own = by_batch[*batch_id];
        for (std::size_t at = 0; at < own.size(); at += kEventsInCall) {
            const auto from = own.begin() + static_cast<std::ptrdiff_t>(at);
            const auto to =
                from + static_cast<std::ptrdiff_t>(std::min(kEventsInCall, own.size() - at));
            runs.push_back({.batch_id = *batch_id, .view = *view, .events = Events(from, to)});
        }
    }
    return runs;
}

ScriptCall RedisSink::callOf(const Run& run, const char* mode) const {
    const ProgressKeys keys(run.batch_id);
    ScriptCall call{
        .keys = {keys.current, keys.log, keys.started_at, keys.meta},
        .arguments = {keys.channel, std::to_string(options_.ttl.count()),
                      std::to_string(options_.log_cap), mode, run.view.created_at,
                      std::to_string(run.events.front()->seq), std::to_string(run.events.size())}};
    for (const CommittedEvent* event : run.events) call.arguments.push_back(event->json);
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
             {"owner", run.view.user},
             {"state", run.view.state},
             {"pipeline", run.view.pipeline},
             {"execution", std::to_string(run.view.execution)},
             {"status", run.view.status}}) {
        call.arguments.emplace_back(name);
        call.arguments.push_back(value);
    }
    return call;
}

// Whether Redis has all events of the run now.
bool RedisSink::taken(const Run& run, const Reply& reply) {
    return connection_.checked(reply).integer >= static_cast<std::int64_t>(run.events.back()->seq);
}

// Rewrites the log up to `last_seq` without publishing, because everything was published before.
void RedisSink::rebuild(const Run& run, std::uint64_t last_seq) {
    const auto cap = static_cast<std::uint64_t>(options_.log_cap);
    std::uint64_t after = last_seq > cap ? last_seq - cap : 0;
    const char* mode = "rebuild";
    while (after < last_seq) {
        const auto events = history_->events(
            run.batch_id, after, std::min<std::uint64_t>(kRebuildEvents, last_seq - after));
        if (events.empty()) return;
        Run part{.batch_id = run.batch_id, .view = run.view};
        for (const CommittedEvent& event : events) part.events.push_back(&event);
        connection_.eval(script_, callOf(part, std::exchange(mode, "append")));
        after = events.back().seq;
    }
    // Keys without an event: those of the first event, lost in part.
    if (last_seq == 0) {
        const ProgressKeys keys(run.batch_id);
        connection_.run({"DEL", keys.current, keys.log, keys.started_at, keys.meta});
    }
}

}  // namespace sheafline::redis
