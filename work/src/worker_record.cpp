#include <algorithm>
#include <cstdio>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/work/worker_record.h>

#include "base/json_text.h"
#include "work_keys.h"

namespace sheafline::work {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::int64_t kForgottenMs = 3'600'000;
constexpr int kMissedBeats = 3;

std::string decimals(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", value);
    return text.data();
}

// Written by our own code, like everything in lists; read by Poco.
class Writer {
 public:
    Writer& text(const char* name, const std::string& value) {
        key(name);
        appendJsonText(json_, value);
        return *this;
    }
    Writer& raw(const char* name, const std::string& value) {
        key(name);
        json_ += value;
        return *this;
    }
    std::string object() const { return "{" + json_ + "}"; }

 private:
    void key(const char* name) {
        if (!json_.empty()) json_ += ',';
        json_ += '"';
        json_.append(name).append("\":");
    }

    std::string json_;
};

template <typename Items, typename ToJson>
std::string list(const Items& items, const ToJson& to_json) {
    std::string json;
    for (const auto& item : items) json += (json.empty() ? "" : ",") + to_json(item);
    return json;
}

std::string sheetJson(const SheetAtWork& sheet) {
    return Writer()
        .text("batch_id", sheet.batch)
        .raw("sheet", std::to_string(sheet.sheet))
        .raw("attempt", std::to_string(sheet.attempt))
        .raw("seconds", decimals(sheet.seconds))
        .object();
}

std::string rejectionJson(const RejectedOrder& rejection) {
    return Writer().text("batch_id", rejection.batch).text("reason", rejection.reason).object();
}

std::string processorJson(const std::pair<const std::string, std::string>& processor) {
    std::string json;
    appendJsonText(json, processor.first);
    json += ':';
    appendJsonText(json, processor.second);
    return json;
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
    return Writer()
        .text("name", worker.name)
        .text("state", worker.state)
        .text("program", worker.program)
        .raw("processors", "{" + list(worker.processors, processorJson) + "}")
        .raw("concurrency", std::to_string(worker.concurrency))
        .raw("done", std::to_string(worker.done))
        .raw("failed", std::to_string(worker.failed))
        .raw("late", std::to_string(worker.late))
        .raw("rate_per_second", decimals(worker.rate_per_second))
        .text("since", worker.since)
        .raw("heartbeat_ms", std::to_string(worker.heartbeat.count()))
        .raw("seen_seconds_ago", decimals(worker.seen_seconds_ago))
        .raw("sheets", "[" + list(worker.sheets, sheetJson) + "]")
        .raw("refuses", "[" + list(worker.rejects, rejectionJson) + "]")
        .object();
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
