#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/json_writer.h>
#include <sheafline/work/worker_record.h>

#include "work_keys.h"

namespace sheafline::work {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::int64_t kForgottenMs = 3'600'000;
constexpr int kMissedBeats = 3;

void writeSheet(JsonWriter& json, const SheetAtWork& sheet) {
    json.beginObject()
        .text("batch_id", sheet.batch)
        .integer("sheet", sheet.sheet)
        .integer("attempt", sheet.attempt)
        .fixed("seconds", sheet.seconds, 3)
        .endObject();
}

Array::Ptr arrayOf(const Object& object, const std::string& name) {
    const Array::Ptr array = object.getArray(name);
    return array.isNull() ? Array::Ptr(new Array) : array;
}

WorkerRecord recordOf(const std::string& name, const Object& object) {
    WorkerRecord worker{.name = name,
                        .state = object.optValue<std::string>("state", ""),
                        .program = object.optValue<std::string>("program", ""),
                        .concurrency = object.optValue<int>("concurrency", 0),
                        .done = object.optValue<Poco::UInt64>("done", 0),
                        .failed = object.optValue<Poco::UInt64>("failed", 0),
                        .late = object.optValue<Poco::UInt64>("late", 0),
                        .rate_per_second = object.optValue<double>("rate_per_second", 0),
                        .since = object.optValue<std::string>("since", ""),
                        .heartbeat = std::chrono::milliseconds(
                            object.optValue<Poco::Int64>("heartbeat_ms", 5'000))};
    if (const auto processors = object.getObject("processors")) {
        for (const auto& [processor, version] : *processors)
            worker.processors[processor] = version.convert<std::string>();
    }
    for (const auto& item : *arrayOf(object, "sheets")) {
        const auto& sheet = item.extract<Object::Ptr>();
        worker.sheets.push_back({.batch = sheet->optValue<std::string>("batch_id", ""),
                                 .sheet = sheet->optValue<int>("sheet", 0),
                                 .attempt = sheet->optValue<int>("attempt", 0),
                                 .seconds = sheet->optValue<double>("seconds", 0)});
    }
    for (const auto& item : *arrayOf(object, "refuses")) {
        const auto& rejection = item.extract<Object::Ptr>();
        worker.rejects.push_back({.batch = rejection->optValue<std::string>("batch_id", ""),
                                  .reason = rejection->optValue<std::string>("reason", "")});
    }
    return worker;
}

}  // namespace

std::string jsonOf(const WorkerRecord& worker) {
    JsonWriter json;
    json.beginObject()
        .text("name", worker.name)
        .text("state", worker.state)
        .text("program", worker.program)
        .key("processors")
        .beginObject();
    for (const auto& [name, version] : worker.processors) json.text(name, version);
    json.endObject()
        .integer("concurrency", worker.concurrency)
        .integer("done", worker.done)
        .integer("failed", worker.failed)
        .integer("late", worker.late)
        .fixed("rate_per_second", worker.rate_per_second, 3)
        .text("since", worker.since)
        .integer("heartbeat_ms", worker.heartbeat.count())
        .fixed("seen_seconds_ago", worker.seen_seconds_ago, 3)
        .key("sheets")
        .beginArray();
    for (const SheetAtWork& sheet : worker.sheets) writeSheet(json, sheet);
    json.endArray().key("refuses").beginArray();
    for (const RejectedOrder& rejection : worker.rejects) {
        json.beginObject()
            .text("batch_id", rejection.batch)
            .text("reason", rejection.reason)
            .endObject();
    }
    return json.endArray().endObject().take();
}

std::vector<WorkerRecord> workerRecords(redis::Connection& redis) {
    const auto time = redis.run({"TIME"});
    const std::int64_t now =
        std::stoll(time.items.at(0).text) * 1000 + std::stoll(time.items.at(1).text) / 1000;
    std::vector<WorkerRecord> workers;
    // By name, as a map is.
    for (const auto& [name, text] : redis::fieldsOf(redis.run({"HGETALL", kWorkersKey}))) {
        try {
            const std::int64_t silent_ms =
                std::max<std::int64_t>(0, now - std::stoll(text.substr(0, text.find(' '))));
            if (silent_ms > kForgottenMs) {
                redis.run({"HDEL", kWorkersKey, name});
                continue;
            }
            WorkerRecord worker = recordOf(name, *Poco::JSON::Parser()
                                                      .parse(text.substr(text.find(' ') + 1))
                                                      .extract<Object::Ptr>());
            worker.seen_seconds_ago = static_cast<double>(silent_ms) / 1000;
            if (silent_ms > kMissedBeats * worker.heartbeat.count()) worker.state = "lost";
            workers.push_back(std::move(worker));
        } catch (const Poco::Exception&) {
            continue;  // of a program version with another format
        } catch (const std::logic_error&) {
            continue;
        }
    }
    return workers;
}

}  // namespace sheafline::work
