#include "base/stderr_log.h"

#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

#include "base/clocks.h"

namespace sheafline {

StderrLog::StderrLog(LogLevel lowest, std::string subject, const Redactor* redactor)
    : lowest_(lowest), subject_(std::move(subject)), redactor_(redactor) {}

void StderrLog::write(LogLevel level, std::string_view text) {
    if (level < lowest_) return;
    std::string line = utcText(wallMs());
    line += ' ';
    line += toString(level);
    if (!subject_.empty()) line += " " + subject_;
    std::string cleaned = cleanUtf8(text);
    if (redactor_ != nullptr) cleaned = redactor_->masked(std::move(cleaned));
    for (char& c : cleaned) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    line += " " + cleaned + "\n";
    // One write, so that lines of several processes do not mix; a closed standard error is no
    // reason to stop.
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

LogLevel logLevel(std::string_view text) {
    for (const LogLevel level :
         {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (toString(level) == text) return level;
    }
    throw ConfigError("unknown log level '" + std::string(text) +
                      "'; use debug, info, warning or error");
}

std::string_view toString(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "unknown";
}

}  // namespace sheafline
