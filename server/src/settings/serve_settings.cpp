#include "settings/serve_settings.h"

#include <sstream>

#include <sheafline/error.h>

#include "base/units.h"

namespace sheafline {

const std::vector<std::string> kServeKeys{
    "listen",       "pipelines-dir", "max-running", "pipeline-sinks", "trusted-proxies",
    "cors-origins", "token-hours",   "max-upload",  "user-quota",     "total-quota",
    "user-uploads", "upload-hours",  "keep-days",   "server-url",     "accounts-url",
    "secret-key",   "stop-grace"};

namespace {

std::vector<std::string> words(const std::string& text) {
    std::string spaced = text;
    for (char& c : spaced) c = c == ',' ? ' ' : c;
    std::istringstream in(spaced);
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    return all;
}

std::int64_t number(const std::string& key, const std::string& text, std::int64_t least) {
    const auto value = parseInteger(text);
    if (value && *value >= least) return *value;
    throw ConfigError(key + " is to be a number of at least " + std::to_string(least) + ", not '" +
                      text + "'");
}

// Servers talk to each other inside a trusted network: TLS ends at the proxy before them.
std::string httpUrl(const std::string& key, std::string text) {
    while (text.ends_with('/')) text.pop_back();
    if (text.empty() || text.starts_with("http://")) return text;
    throw ConfigError(key + " is to read like http://10.0.0.1:8000, not '" + text + "'");
}

std::uint64_t size(const std::string& key, const std::string& text) {
    if (const auto bytes = parseSize(text)) return *bytes;
    throw ConfigError(key + ": " + std::string(remedyFor(ParamType::size)) + ", not '" + text +
                      "'");
}

std::chrono::milliseconds duration(const std::string& key, const std::string& text) {
    if (const auto time = parseDuration(text); time && time->count() > 0) return *time;
    throw ConfigError(key + ": " + std::string(remedyFor(ParamType::duration)) + ", not '" + text +
                      "'");
}

}  // namespace

ServeSettings serveSettingsOf(
    const std::function<std::optional<std::string>(const std::string&)>& value) {
    const auto text = [&](const std::string& key, const std::string& otherwise) {
        return value(key).value_or(otherwise);
    };
    return {
        .listen = text("listen", "127.0.0.1:8000"),
        .pipelines_folder = std::filesystem::absolute(text("pipelines-dir", "pipelines")),
        .max_running = static_cast<std::size_t>(number("max-running", text("max-running", "2"), 1)),
        .pipeline_sinks = words(text("pipeline-sinks", "jsonl")),
        .trusted_proxies = words(text("trusted-proxies", "")),
        .cors_origins = words(text("cors-origins", "")),
        .token_hours = number("token-hours", text("token-hours", "8"), 1),
        .upload_bytes = size("max-upload", text("max-upload", "20GiB")),
        .user_bytes = size("user-quota", text("user-quota", "100GiB")),
        .total_bytes = size("total-quota", text("total-quota", "1000TiB")),
        .user_uploads =
            static_cast<std::uint64_t>(number("user-uploads", text("user-uploads", "20"), 1)),
        .upload_hours = number("upload-hours", text("upload-hours", "24"), 1),
        .keep_days = number("keep-days", text("keep-days", "0"), 0),
        .stop_grace = duration("stop-grace", text("stop-grace", "10s")),
        .accounts_url = httpUrl("accounts-url", text("accounts-url", "")),
        .secret_key = text("secret-key", ""),
        .server_url = httpUrl("server-url", text("server-url", ""))};
}

}  // namespace sheafline
