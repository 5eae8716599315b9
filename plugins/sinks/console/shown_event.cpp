#include "shown_event.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/shown_text.h>

namespace sheafline::console {

namespace {

template <typename T>
std::optional<T> optional(const Poco::JSON::Object& object, const std::string& key) {
    if (!object.has(key) || object.isNull(key)) return std::nullopt;
    return object.getValue<T>(key);
}

std::string errorOf(const Poco::JSON::Object& event) {
    const auto error = event.getObject("error");
    if (error.isNull()) return {};
    const auto code = error->optValue<std::string>("code", "");
    const auto stage = error->optValue<std::string>("stage", "");
    const auto message = error->optValue<std::string>("message", "");
    return message + " (" + code + (stage.empty() ? "" : ", in " + stage) + ")";
}

}  // namespace

ShownEvent parseEvent(const std::string& json) {
    Poco::JSON::Parser parser;
    const auto object = parser.parse(json).extract<Poco::JSON::Object::Ptr>();
    const auto stage = shownText(object->optValue<std::string>("stage", ""));
    return ShownEvent{
        .stage = stage,
        .stage_id = shownText(object->optValue<std::string>("stage_id", stage)),
        .message = shownText(object->optValue<std::string>("message", "")),
        .timestamp = shownText(object->optValue<std::string>("timestamp", "")),
        .percentage = object->optValue<double>("progress_percentage", 0),
        .overall = optional<double>(*object, "overall_percentage"),
        .rate = optional<double>(*object, "rate_per_second"),
        .eta_seconds = optional<Poco::Int64>(*object, "eta_seconds"),
        .elapsed_seconds = object->optValue<Poco::Int64>("elapsed_seconds", 0),
        .sheets_total = object->optValue<Poco::Int64>("sheets_total", 0),
        .sheets_processed = object->optValue<Poco::Int64>("sheets_processed", 0),
        .sheets_failed = object->optValue<Poco::Int64>("sheets_failed", 0),
        .sheets_doubtful = object->optValue<Poco::Int64>("sheets_doubtful", 0),
        .execution = object->optValue<Poco::Int64>("execution", 1),
        .error = shownText(errorOf(*object)),
    };
}

}  // namespace sheafline::console
