// What `serve` reads from its configuration besides the common settings. docs/serving.md lists the
// keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sheafline {

struct ServeSettings {
    std::string listen = "127.0.0.1:8000";
    std::filesystem::path pipelines_folder = "pipelines";
    std::size_t max_running = 2;
    std::vector<std::string> pipeline_sinks{};  // those that a pipeline may bring
    std::vector<std::string> trusted_proxies{};
    std::vector<std::string> cors_origins{};
    std::int64_t token_hours = 8;
    std::uint64_t upload_bytes = 0;
    std::uint64_t user_bytes = 0;
    std::uint64_t total_bytes = 0;                 // of all users
    std::uint64_t user_uploads = 0;                // open at the same time
    std::int64_t upload_hours = 24;                // for its last byte to come
    std::int64_t keep_days = 0;                    // of a batch after its end; 0: it is kept
    std::chrono::milliseconds stop_grace{10'000};  // for requests and batches, at a stop
    std::string accounts_url{};  // the server that has the accounts; empty: this one
    std::string secret_key{};    // file that servers share; empty: of the data folder
    std::string server_url{};    // at which other servers reach this one; empty: where it listens
};

extern const std::vector<std::string> kServeKeys;

// `value` gives the text of a key, or nothing. Throws ConfigError.
ServeSettings serveSettingsOf(
    const std::function<std::optional<std::string>(const std::string&)>& value);

}  // namespace sheafline
