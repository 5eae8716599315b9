// What holds for every command: folders and log level. The command line comes first, then the
// environment (SHEAFLINE_DATA_DIR, …), then the configuration file, then the default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/serve_settings.h"

namespace sheafline {

struct CommonOptions {  // as given on the command line
    std::optional<std::string> config{};
    std::optional<std::string> data_dir{};
    std::optional<std::string> work_dir{};
    std::vector<std::string> plugin_path{};
    std::optional<std::string> log_level{};
    std::optional<std::string> listen{};
    std::optional<std::string> redis{};
    bool set_aside_history = false;
};

struct Settings {
    std::filesystem::path data_folder{};
    std::filesystem::path work_folder{};                  // empty: inside the data folder
    std::vector<std::filesystem::path> plugin_folders{};  // in the order in which they are searched
    std::size_t given_plugin_folders = 0;  // the first ones; the program's own follow
    std::string log_level{};
    std::uint64_t batch_memory_bytes = 0;
    // Given on the command line alone: a setting would set the history aside at every restart.
    bool set_aside_history = false;
    std::string redis{};      // URL; empty: none
    std::string redis_ttl{};  // how long a batch's keys outlive its newest event
    ServeSettings serve{};
};

// Throws ConfigError where the configuration file cannot be read or holds an unknown key.
Settings settingsOf(const CommonOptions& options);

}  // namespace sheafline
