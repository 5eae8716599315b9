// The settings of all commands. settings/setting_table.h lists them and says where they come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/redis/tls_files.h>

#include "base/stderr_log.h"
#include "settings/serve_settings.h"

namespace sheafline {

struct CommonOptions {  // as given on the command line
    std::optional<std::string> config{};
    std::optional<std::string> data_dir{};
    std::optional<std::string> work_dir{};
    std::optional<std::string> history{};
    std::optional<std::string> store{};
    std::vector<std::string> plugin_path{};
    std::optional<std::string> log_level{};
    std::optional<std::string> log_format{};
    std::optional<std::string> listen{};
    std::optional<std::string> redis{};
    bool set_aside_history = false;
};

struct Settings {
    std::filesystem::path data_folder{};
    std::filesystem::path work_folder{};                  // empty: inside the data folder
    std::vector<std::filesystem::path> plugin_folders{};  // in the order in which they are searched
    std::size_t given_plugin_folders = 0;  // the first ones; the program's own follow
    LogSettings log{};
    bool log_level_given = false;
    std::uint64_t batch_memory_bytes = 0;
    // Given on the command line alone: a setting would set the history aside at every restart.
    bool set_aside_history = false;
    std::string redis{};       // URL; empty: none
    TlsFiles tls{};            // for https:// and rediss://
    std::string redis_ttl{};   // how long a batch's keys stay after its newest event
    std::string work_key{};    // file of the key that signs orders; empty: the default
    std::string file_group{};  // empty: the user's
    std::filesystem::path secrets_folder{};  // empty: none
    ServeSettings serve{};

    // For `serve` and `worker`, which operators watch by their log.
    LogSettings serviceLog() const {
        return {.lowest = log_level_given ? log.lowest : LogLevel::info, .format = log.format};
    }
};

// Throws ConfigError with the place of a setting that is wrong.
Settings settingsOf(const CommonOptions& options);

}  // namespace sheafline
