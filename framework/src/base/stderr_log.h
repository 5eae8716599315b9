// Log lines on standard error: `2026-11-23T20:42:11Z warning batch abc-123 load: text`.
#pragma once

#include <string>

#include <sheafline/log.h>

#include "base/redactor.h"

namespace sheafline {

class StderrLog : public Log {
 public:
    StderrLog(LogLevel lowest, std::string subject, const Redactor* redactor = nullptr);
    void write(LogLevel level, std::string_view text) override;

 private:
    const LogLevel lowest_;
    const std::string subject_;
    const Redactor* redactor_;
};

LogLevel logLevel(std::string_view text);  // throws ConfigError
std::string_view toString(LogLevel level);

}  // namespace sheafline
