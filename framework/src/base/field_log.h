// A log whose lines have fields for programs: name=value in a text line, a member of a JSON line.
// Only our own processes use it; plugins see Log. Thread-safe, as every Log.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <sheafline/log.h>

namespace sheafline {

struct LogField {
    std::string_view name{};
    std::string value{};
};

class FieldLog : public Log {
 public:
    virtual void event(LogLevel level, std::string_view text, std::span<const LogField> fields) = 0;
};

// To a log without fields, they are written as part of the text.
inline void logEvent(Log& log, LogLevel level, std::string_view text,
                     std::span<const LogField> fields) {
    if (auto* with_fields = dynamic_cast<FieldLog*>(&log))
        return with_fields->event(level, text, fields);
    std::string line(text);
    for (const LogField& field : fields)
        line.append(" ").append(field.name).append("=") += field.value;
    log.write(level, line);
}

}  // namespace sheafline
