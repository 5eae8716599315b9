#include "settings/settings.h"

#include <algorithm>
#include <cstdlib>

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/LayeredConfiguration.h>
#include <Poco/Util/MapConfiguration.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <sheafline/error.h>
#include <sheafline/redis/redis_url.h>

#include "base/stderr_log.h"
#include "base/units.h"

namespace sheafline {

namespace {

using Poco::Util::LayeredConfiguration;
using Poco::Util::MapConfiguration;

std::vector<std::string> knownKeys() {
    std::vector<std::string> keys{"data-dir",     "work-dir", "plugin-path", "log-level",
                                  "batch-memory", "redis",    "redis-ttl"};
    keys.insert(keys.end(), kServeKeys.begin(), kServeKeys.end());
    return keys;
}

std::string environmentName(std::string key) {
    std::replace(key.begin(), key.end(), '-', '_');
    return "SHEAFLINE_" + Poco::toUpper(key);
}

void addEnvironment(LayeredConfiguration& layers) {
    Poco::AutoPtr<MapConfiguration> environment(new MapConfiguration);
    for (const std::string& key : knownKeys()) {
        if (const char* value = std::getenv(environmentName(key).c_str()))
            environment->setString(key, value);
    }
    layers.add(environment, 1);
}

[[noreturn]] void refuseKey(const std::string& file, const std::string& key,
                            const std::vector<std::string>& known) {
    std::string names;
    for (const std::string& name : known) names.append(names.empty() ? "" : ", ").append(name);
    throw ConfigError(file + ": unknown key '" + key + "'; known are " + names);
}

void addFile(LayeredConfiguration& layers, const std::string& file) {
    try {
        Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> properties(
            new Poco::Util::PropertyFileConfiguration(file));
        const std::vector<std::string> known = knownKeys();
        Poco::Util::AbstractConfiguration::Keys keys;
        properties->keys(keys);
        for (const std::string& key : keys) {
            if (std::find(known.begin(), known.end(), key) != known.end()) continue;
            refuseKey(file, key, known);
        }
        layers.add(properties, 2);
    } catch (const Poco::Exception& error) {
        throw ConfigError("cannot read the configuration file " + file + ": " +
                          error.displayText());
    }
}

std::uint64_t memorySize(const std::string& text) {
    constexpr std::uint64_t kLeast = 64U << 20U;
    if (const auto bytes = parseSize(text); bytes && *bytes >= kLeast) return *bytes;
    throw ConfigError("batch-memory is to be a size of at least 64MiB, such as 4GiB, not '" + text +
                      "'");
}

std::filesystem::path programFolder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

// The build tree has a link at the same place.
std::string installedPipelines() {
    return (programFolder() / "../share/sheafline/pipelines").lexically_normal();
}

// The build tree has its plugins beside bin/, an installed program in ../lib/sheafline/plugins.
std::vector<std::filesystem::path> ownPluginFolders() {
    const auto program = programFolder();
    std::vector<std::filesystem::path> folders;
    for (const char* place :
         {"../plugins", "../lib/sheafline/plugins", "../lib/x86_64-linux-gnu/sheafline/plugins"}) {
        const auto folder = (program / place).lexically_normal();
        if (std::filesystem::is_directory(folder)) folders.push_back(folder);
    }
    return folders;
}

}  // namespace

Settings settingsOf(const CommonOptions& options) {
    Poco::AutoPtr<LayeredConfiguration> layers(new LayeredConfiguration);
    Poco::AutoPtr<MapConfiguration> given(new MapConfiguration);
    if (options.data_dir) given->setString("data-dir", *options.data_dir);
    if (options.work_dir) given->setString("work-dir", *options.work_dir);
    if (options.log_level) given->setString("log-level", *options.log_level);
    if (options.redis) given->setString("redis", *options.redis);
    if (options.listen) given->setString("listen", *options.listen);
    layers->add(given, 0);
    addEnvironment(*layers);
    if (options.config) addFile(*layers, *options.config);

    Settings settings{.data_folder = layers->getString("data-dir", "sheafline-data"),
                      .work_folder = layers->getString("work-dir", ""),
                      .log_level = layers->getString("log-level", "warning"),
                      .batch_memory_bytes = memorySize(layers->getString("batch-memory", "4GiB")),
                      .redis = layers->getString("redis", ""),
                      .redis_ttl = layers->getString("redis-ttl", "1h")};
    settings.set_aside_history = options.set_aside_history;
    logLevel(settings.log_level);  // throws where it is none
    if (!settings.redis.empty()) redis::parseRedisUrl(settings.redis);
    if (!parseDuration(settings.redis_ttl))
        throw ConfigError("redis-ttl: " + std::string(remedyFor(ParamType::duration)) + ", not '" +
                          settings.redis_ttl + "'");
    settings.serve = serveSettingsOf([&](const std::string& key) -> std::optional<std::string> {
        if (layers->has(key)) return layers->getString(key);
        return key == "pipelines-dir" ? std::optional(installedPipelines()) : std::nullopt;
    });
    for (const std::string& folder : options.plugin_path)
        settings.plugin_folders.emplace_back(std::filesystem::absolute(folder));
    const Poco::StringTokenizer named(layers->getString("plugin-path", ""), ":",
                                      Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    for (const std::string& folder : named)
        settings.plugin_folders.emplace_back(std::filesystem::absolute(folder));
    settings.given_plugin_folders = settings.plugin_folders.size();
    for (auto& folder : ownPluginFolders()) settings.plugin_folders.push_back(std::move(folder));
    return settings;
}

}  // namespace sheafline
