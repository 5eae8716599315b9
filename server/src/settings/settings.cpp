#include "settings/settings.h"

#include <map>
#include <sstream>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/redis/redis_url.h>

#include "base/data_folder.h"
#include "settings/setting_values.h"

namespace sheafline {

namespace {

constexpr std::uint64_t kLeastBatchMemory = 64U << 20U;

std::filesystem::path programFolder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

// The build tree has its plugins beside bin/, an installed program in ../lib/sheafline/plugins.
std::vector<std::filesystem::path> ownPluginFolders() {
    std::vector<std::filesystem::path> folders;
    for (const char* place :
         {"../plugins", "../lib/sheafline/plugins", "../lib/x86_64-linux-gnu/sheafline/plugins"}) {
        const auto folder = (programFolder() / place).lexically_normal();
        if (std::filesystem::is_directory(folder)) folders.push_back(folder);
    }
    return folders;
}

// The build tree has a link at the same place.
std::filesystem::path installedPipelines() {
    return (programFolder() / "../share/sheafline/pipelines").lexically_normal();
}

std::map<std::string, std::string> given(const CommonOptions& options) {
    std::map<std::string, std::string> texts;
    const auto add = [&](const char* key, const std::optional<std::string>& text) {
        if (text) texts[key] = *text;
    };
    add("data-dir", options.data_dir);
    add("work-dir", options.work_dir);
    add("history", options.history);
    add("store", options.store);
    add("log-level", options.log_level);
    add("log-format", options.log_format);
    add("listen", options.listen);
    add("redis", options.redis);
    return texts;
}

LogSettings logSettings(const SettingValues& values) {
    LogSettings log;
    if (!values.text("log-level").empty())
        log.lowest = logLevel(values.choice("log-level", {"debug", "info", "warning", "error"}));
    log.format = logFormat(values.choice("log-format", {"text", "json"}));
    return log;
}

void addPluginFolders(Settings& settings, const CommonOptions& options,
                      const SettingValues& values) {
    for (const std::string& folder : options.plugin_path)
        settings.plugin_folders.emplace_back(std::filesystem::absolute(folder));
    std::istringstream path(values.text("plugin-path"));
    for (std::string folder; std::getline(path, folder, ':');) {
        if (!folder.empty())
            settings.plugin_folders.emplace_back(std::filesystem::absolute(folder));
    }
    settings.given_plugin_folders = settings.plugin_folders.size();
    for (auto& folder : ownPluginFolders()) settings.plugin_folders.push_back(std::move(folder));
}

// The data folder remembers it, so that every later command and process finds it.
void useHistory(const Settings& settings, const SettingValues& values) {
    const std::string url = values.text("history");
    if (url.empty()) return;
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
        values.reject("history",
                      "must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE; without it, the "
                      "history is a file in the data folder");
    }
    DataFolder(settings.data_folder, settings.work_folder, settings.file_group).useHistory(url);
}

void useStore(const Settings& settings, const SettingValues& values) {
    const std::string store = values.text("store");
    if (store.empty()) return;
    DataFolder folder(settings.data_folder, settings.work_folder, settings.file_group);
    if (folder.history().url.empty()) {
        values.reject("store",
                      "requires a history in PostgreSQL; set history as well, or leave out store: "
                      "with history.db, all files are in the data folder");
    }
    folder.useStore(store);
}

TlsFiles tlsFiles(const SettingValues& values) {
    const auto file = [&](const char* key) -> std::string {
        const std::string name = values.text(key);
        if (name.empty()) return {};
        if (::access(name.c_str(), R_OK) != 0)
            values.reject(key, "cannot read the file '" + name + "'");
        return std::filesystem::absolute(name).string();
    };
    TlsFiles files{.ca = file("tls-ca"), .certificate = file("tls-cert"), .key = file("tls-key")};
    if (files.certificate.empty() != files.key.empty())
        values.reject(files.key.empty() ? "tls-cert" : "tls-key",
                      "tls-cert and tls-key must be set together");
    return files;
}

}  // namespace

Settings settingsOf(const CommonOptions& options) {
    const SettingValues values(given(options), options.config.value_or(""), environ);
    if (values.text("data-dir").empty())
        values.reject("data-dir", "must name a folder, not be empty");
    Settings settings{.data_folder = values.text("data-dir"),
                      .work_folder = values.text("work-dir"),
                      .log = logSettings(values),
                      .log_level_given = !values.text("log-level").empty(),
                      .batch_memory_bytes = values.size("batch-memory", kLeastBatchMemory),
                      .redis = values.text("redis"),
                      .tls = tlsFiles(values),
                      .redis_ttl = values.text("redis-ttl"),
                      .work_key = values.text("work-key"),
                      .file_group = values.text("file-group"),
                      .serve = serveSettingsOf(values)};
    if (settings.serve.pipelines_folder.empty())
        settings.serve.pipelines_folder = installedPipelines();
    settings.serve.pipelines_folder = std::filesystem::absolute(settings.serve.pipelines_folder);
    if (const std::string folder = values.text("secrets-dir"); !folder.empty()) {
        settings.secrets_folder = std::filesystem::absolute(folder);
        if (!std::filesystem::is_directory(settings.secrets_folder))
            values.reject("secrets-dir", "there is no folder " + settings.secrets_folder.string());
    }
    if (!settings.redis.empty())
        settings.redis = values.checked(
            "redis", [&] { return redis::withTlsFiles(settings.redis, settings.tls); });
    values.duration("redis-ttl", std::chrono::milliseconds(0));
    settings.set_aside_history = options.set_aside_history;
    addPluginFolders(settings, options, values);
    useHistory(settings, values);
    useStore(settings, values);
    return settings;
}

}  // namespace sheafline
