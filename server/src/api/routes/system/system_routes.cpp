#include "api/routes/system/system_routes.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sheafline/export.h>
#include <sheafline/work/worker_record.h>

#include "base/sql/statement.h"
#include "batches/batch_json.h"
#include "batches/list/listed_batch.h"
#include "history/history_schema.h"
#include "uploads/upload_limits.h"

namespace sheafline::api {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;
using Clock = std::chrono::steady_clock;

Object orderedObject() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Object failureJson(const std::string& code, const std::string& message) {
    Object error = orderedObject();
    error.set("code", code);
    error.set("message", message);
    return error;
}

Array sinksJson(Owner& owner) {
    Array sinks;
    for (const SinkState& state : owner.sinkStates()) {
        Object sink = orderedObject();
        sink.set("name", state.name);
        sink.set("lag", state.lag);
        state.error ? sink.set("error", failureJson(state.error->code, state.error->message))
                    : sink.set("error", Poco::Dynamic::Var());
        sinks.add(sink);
    }
    return sinks;
}

struct RedisState {
    Object json = orderedObject();
    std::vector<work::WorkerRecord> workers{};
};

std::string versionIn(const std::string& info) {
    constexpr std::string_view kKey = "redis_version:";
    const std::size_t at = info.find(kKey);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + kKey.size();
    return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
}

// Waits for Redis at most as long as its connection's timeouts.
RedisState redisState(const std::string& url) {
    RedisState state;
    state.json.set("reachable", false);
    state.json.set("version", "");
    state.json.set("latency_ms", Poco::Dynamic::Var());
    state.json.set("error", Poco::Dynamic::Var());
    try {
        redis::Connection redis({.url = redis::parseRedisUrl(url), .name = "sheafline-system"});
        state.json.set("version", versionIn(redis.run({"INFO", "server"}).text));
        const auto begin = Clock::now();
        redis.run({"PING"});
        const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
        state.json.set("reachable", true);
        state.json.set("latency_ms", took.count());
        state.workers = work::workerRecords(redis);
    } catch (const redis::RedisError& error) {
        state.json.set("error", failureJson(error.code(), error.what()));
    }
    return state;
}

std::uintmax_t sizeOf(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
}

Object databaseJson(const OperationParts& parts, HistoryReader& history) {
    const sql::Dialect& dialect = history.database().dialect();
    sql::Statement version(history.database(), dialect.server_version);
    version.step();
    sql::Statement size(history.database(), dialect.size_bytes);
    size.step();
    const std::string file = parts.owner.folder().history().file.string();
    Object object = orderedObject();
    object.set("kind", std::string(dialect.kind));
    object.set("version", version.text(0));
    object.set("schema", kHistoryVersion);
    object.set("size_bytes", size.integer(0));
    object.set("log_bytes", sizeOf(file + "-wal"));
    object.set("events", parts.owner.history().lastEventId());
    object.set("changes_waiting", parts.owner.history().waiting());
    return object;
}

Object diskJson(const OperationParts& parts) {
    // The fuller one of the data folder's disk and the store's.
    std::error_code error;
    auto space = std::filesystem::space(parts.owner.folder().data(), error);
    if (!error) {
        const auto store = std::filesystem::space(parts.owner.folder().store(), error);
        if (store.available < space.available) space = store;
    }
    Object disk = orderedObject();
    disk.set("total_bytes", error ? 0 : space.capacity);
    disk.set("free_bytes", error ? 0 : space.available);
    disk.set("full", error || space.available < kDiskFullBelowBytes);
    disk.set("error", parts.owner.diskError());
    return disk;
}

Object queueJson(const OperationParts& parts) {
    const QueueCounts counts = parts.queue.counts();
    Object queue = orderedObject();
    queue.set("running", counts.running);
    queue.set("waiting", counts.waiting);
    return queue;
}

Object versionsJson(const OperationParts& parts) {
    Object versions = orderedObject();
    versions.set("sheafline", SHEAFLINE_VERSION);
    versions.set("plugin_abi", kAbi);
    versions.set("plugins", parts.owner.plugins().plugins().size());
    versions.set("rejected_plugins", parts.owner.plugins().rejected().size());
    return versions;
}

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
    return '[' + text + ']';
}

std::string atWork(const OperationParts& parts, HistoryReader& history) {
    std::vector<std::string> batches;
    for (const BatchRow& batch : history.unfinished()) {
        if (batch.state == BatchState::running || batch.state == BatchState::retrying)
            batches.push_back(listedBatch(batch, parts.owner.identity().id, history));
    }
    return joined(batches);
}

void state(ApiRequest& request, const SystemParts& system) {
    const OperationParts& parts = system.operations;
    std::optional<RedisState> redis;
    if (!system.redis.empty()) redis = redisState(system.redis);
    const auto history = parts.readers.take();
    Object object = orderedObject();
    object.set("versions", versionsJson(parts));
    object.set("since", parts.owner.identity().since);
    object.set("queue", queueJson(parts));
    object.set("disk", diskJson(parts));
    object.set("database", databaseJson(parts, *history));
    redis ? object.set("redis", redis->json) : object.set("redis", Poco::Dynamic::Var());
    object.set("sinks", sinksJson(parts.owner));
    Object streams = orderedObject();
    streams.set("batches", parts.hub.stats().clients);
    streams.set("lists", parts.list_streams());
    object.set("streams", streams);
    std::vector<std::string> workers;
    if (redis) {
        for (const work::WorkerRecord& worker : redis->workers)
            workers.push_back(work::jsonOf(worker));
    }
    std::string json = compactJson(object);
    json.back() = ',';
    json += "\"batches\":" + atWork(parts, *history) + ",\"workers\":" + joined(workers) + '}';
    request.sendJson(json);
}

}  // namespace

void addSystemRoutes(ApiRoutes& routes, const SystemParts& parts) {
    routes.add("GET", "/api/system/state",
               {.id = "getSystemState",
                .access = Access::admin,
                .summary = "Sinks, Redis, database, workers, queue, disk and versions",
                .gives = "SystemState",
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { state(request, parts); });
}

}  // namespace sheafline::api
