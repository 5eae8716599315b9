#include "base/stderr_log.h"

#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>
#include <sheafline/shown_text.h>

#include "base/clocks.h"
#include "base/url_password.h"

namespace sheafline {

StderrLog::StderrLog(LogSettings settings, std::string process, const Redactor* redactor)
    : settings_(settings), process_(std::move(process)), redactor_(redactor) {}

void StderrLog::write(LogLevel level, std::string_view text) { event(level, text, {}); }

void StderrLog::event(LogLevel level, std::string_view text, std::span<const LogField> fields) {
    if (level < settings_.lowest) return;
    const std::string line = settings_.format == LogFormat::json ? jsonLine(level, text, fields)
                                                                 : textLine(level, text, fields);
    // One write, so that lines of several processes do not mix. A closed standard error is not a
    // reason to stop.
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

std::string StderrLog::cleaned(std::string_view text) const {
    std::string clean = withoutPasswords(text);
    return redactor_ == nullptr ? clean : redactor_->masked(std::move(clean));
}

std::string StderrLog::textLine(LogLevel level, std::string_view text,
                                std::span<const LogField> fields) const {
    std::string line = utcText(wallMs());
    line.append(" ").append(toString(level));
    if (!process_.empty()) line.append(" ").append(process_);
    line += " " + shownText(cleaned(text));
    for (const LogField& field : fields) {
        const std::string value = shownText(cleaned(field.value));
        const bool plain = !value.empty() && value.find_first_of(" \"") == std::string::npos;
        line.append(" ").append(field.name).append("=");
        line += plain ? value : jsonText(value);
    }
    return line + "\n";
}

std::string StderrLog::jsonLine(LogLevel level, std::string_view text,
                                std::span<const LogField> fields) const {
    JsonWriter json(128 + text.size());
    json.beginObject().text("time", utcText(wallMs())).text("level", toString(level));
    if (!process_.empty()) json.text("process", cleaned(process_));
    json.text("message", cleaned(text));
    for (const LogField& field : fields) json.text(field.name, cleaned(field.value));
    return json.endObject().take() + "\n";
}

LogLevel logLevel(std::string_view text) {
    for (const LogLevel level :
         {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (toString(level) == text) return level;
    }
    throw ConfigError("unknown log level '" + std::string(text) +
                      "'; use debug, info, warning or error");
}

LogFormat logFormat(std::string_view text) {
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
        if (toString(format) == text) return format;
    }
    throw ConfigError("unknown log format '" + std::string(text) + "'; use text or json");
}

std::string_view toString(LogFormat format) { return format == LogFormat::json ? "json" : "text"; }

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
