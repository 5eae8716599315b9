// The settings of `serve` alone. settings/setting_table.h describes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "settings/setting_values.h"

namespace sheafline {

struct ServeSettings {
    std::string listen = "127.0.0.1:8000";
    std::filesystem::path pipelines_folder{};
    SettingTexts params{};  // values of the operator: "database" or "omr-batch.database"
    std::size_t max_running = 2;
    std::size_t user_running = 1;               // of one user
    std::vector<std::string> pipeline_sinks{};  // those that a pipeline may use
    std::vector<std::string> trusted_proxies{};
    std::vector<std::string> cors_origins{};
    std::int64_t token_hours = 8;
    std::uint64_t upload_bytes = 0;
    std::uint64_t user_bytes = 0;
    std::uint64_t total_bytes = 0;                 // of all users
    std::uint64_t user_uploads = 0;                // open at the same time
    std::int64_t upload_hours = 24;                // longest time of an upload
    std::int64_t keep_days = 0;                    // of an ended batch; 0: until it is deleted
    std::int64_t audit_days = 365;                 // of an entry of the audit trail
    std::chrono::milliseconds stop_grace{10'000};  // for requests and batches, when it stops
    std::string admin_password_file{};             // for the first start; empty: none
    std::string secret_key{};  // file that servers share; empty: of the data folder
    std::string worker_url{};  // from which workers fetch sheets; empty: where it listens
};

// Throws ConfigError with the place of a setting that is wrong.
ServeSettings serveSettingsOf(const SettingValues& values);

}  // namespace sheafline
