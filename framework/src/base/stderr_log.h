// Log lines on standard error, in one of two forms:
//
//     2026-11-23T20:42:11Z warning batch abc-123 load: text name=value
//     {"time":"2026-11-23T20:42:11Z","level":"warning","process":"batch abc-123","message":"load:
//     text","name":"value"}
#pragma once

#include <span>
#include <string>

#include "base/field_log.h"
#include "base/redactor.h"

namespace sheafline {

enum class LogFormat { text, json };

struct LogSettings {
    LogLevel lowest = LogLevel::warning;  // less important lines are left out
    LogFormat format = LogFormat::text;
};

class StderrLog : public FieldLog {
 public:
    // `process` names a process that is not the owner: "batch abc-123".
    StderrLog(LogSettings settings, std::string process, const Redactor* redactor = nullptr);
    void write(LogLevel level, std::string_view text) override;
    void event(LogLevel level, std::string_view text, std::span<const LogField> fields) override;

 private:
    std::string cleaned(std::string_view text) const;
    std::string textLine(LogLevel level, std::string_view text,
                         std::span<const LogField> fields) const;
    std::string jsonLine(LogLevel level, std::string_view text,
                         std::span<const LogField> fields) const;

    const LogSettings settings_;
    const std::string process_;
    const Redactor* redactor_;
};

LogLevel logLevel(std::string_view text);  // these throw ConfigError
LogFormat logFormat(std::string_view text);
std::string_view toString(LogLevel level);
std::string_view toString(LogFormat format);

}  // namespace sheafline
