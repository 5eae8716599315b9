// Lines for the operator: level, batch, stage and text, on standard error. Thread-safe, never
// throws. Values of `secrets` are masked. Use an event or an error, not a log line, for what a user
// of the batch must see.
#pragma once

#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

enum class LogLevel { debug, info, warning, error };

class SHEAFLINE_API Log {
 public:
    virtual ~Log();
    virtual void write(LogLevel level, std::string_view text) = 0;

    void debug(std::string_view text) { write(LogLevel::debug, text); }
    void info(std::string_view text) { write(LogLevel::info, text); }
    void warning(std::string_view text) { write(LogLevel::warning, text); }
    void error(std::string_view text) { write(LogLevel::error, text); }
};

}  // namespace sheafline
