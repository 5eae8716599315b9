#include "settings/setting_values.h"

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "settings/config_file.h"
#include "settings/setting_table.h"

namespace sheafline {

namespace {

constexpr std::string_view kProgram = "SHEAFLINE_";
constexpr std::string_view kParams = "set.";

std::vector<std::string> environmentNames() {
    std::vector<std::string> names{"SHEAFLINE_TOKEN"};
    for (const std::string& key : settingKeys()) names.push_back(environmentName(key));
    return names;
}

// `place` is where a setting of an earlier version is set.
void rejectRemoved(std::string_view name, const std::string& place) {
    for (const RemovedSetting& removed : removedSettings()) {
        if (removed.key == name || environmentName(removed.key) == name)
            throw ConfigError(place + ": the setting '" + std::string(removed.key) +
                              "' was removed: " + std::string(removed.remedy));
    }
}

}  // namespace

SettingValues::SettingValues(const std::map<std::string, std::string>& given,
                             const std::string& config, const char* const* environment) {
    for (const SettingSpec& spec : settingTable())
        values_[std::string(spec.key)] = {.text = std::string(spec.fallback)};
    if (!config.empty()) readFile(config);
    readEnvironment(environment);
    for (const auto& [key, text] : given) values_[key] = {.text = text, .place = "--" + key};
}

void SettingValues::readFile(const std::string& file) {
    for (ConfigLine& line : readConfigFile(file)) {
        const std::string place = file + ":" + std::to_string(line.line);
        if (line.key.starts_with(kParams)) {
            params_[line.key.substr(kParams.size())] = {.text = std::move(line.value),
                                                        .place = place};
            continue;
        }
        const auto value = values_.find(line.key);
        if (value == values_.end()) {
            rejectRemoved(line.key, place);
            throw ConfigError(place + ": unknown key '" + line.key + "'; " +
                              didYouMean(line.key, settingKeys()));
        }
        value->second = {.text = std::move(line.value), .place = place};
    }
}

void SettingValues::readEnvironment(const char* const* environment) {
    for (; environment != nullptr && *environment != nullptr; ++environment) {
        const std::string_view variable = *environment;
        const std::string_view name = variable.substr(0, variable.find('='));
        if (!name.starts_with(kProgram) || name.size() == variable.size()) continue;
        const auto table = settingTable();
        const auto spec = std::ranges::find_if(
            table, [&](const SettingSpec& s) { return environmentName(s.key) == name; });
        if (spec != table.end()) {
            values_[std::string(spec->key)] = {
                .text = std::string(variable.substr(name.size() + 1)), .place = std::string(name)};
        } else if (!isOtherVariable(name)) {
            rejectRemoved(name, std::string(name));
            throw ConfigError("unknown environment variable " + std::string(name) + "; " +
                              didYouMean(name, environmentNames()));
        }
    }
}

std::string SettingValues::text(std::string_view key) const {
    return values_.find(key)->second.text;
}

std::vector<std::string> SettingValues::words(std::string_view key) const {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text(key) + ",") {
        if (c != ',' && c != ' ' && c != '\t') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

std::int64_t SettingValues::integer(std::string_view key, std::int64_t least) const {
    const auto value = parseInteger(text(key));
    if (value && *value >= least) return *value;
    reject(key, "must be a whole number of at least " + std::to_string(least) + ", not '" +
                    text(key) + "'");
}

std::uint64_t SettingValues::size(std::string_view key, std::uint64_t least) const {
    const auto value = parseSize(text(key));
    if (value && *value >= least) return *value;
    reject(key, "must be a size" + (least > 0 ? " of at least " + sizeText(least) : std::string()) +
                    " such as 512MiB or 4GiB, not '" + text(key) + "'");
}

std::chrono::milliseconds SettingValues::duration(std::string_view key,
                                                  std::chrono::milliseconds least) const {
    const auto value = parseDuration(text(key));
    if (value && *value >= least) return *value;
    reject(key, "must be a time of at least " + durationText(least) + ", such as 30s or 1h, not '" +
                    text(key) + "'");
}

std::string SettingValues::choice(std::string_view key,
                                  const std::vector<std::string>& choices) const {
    if (std::ranges::find(choices, text(key)) != choices.end()) return text(key);
    reject(key, "unknown value '" + text(key) + "'; " + didYouMean(text(key), choices));
}

void SettingValues::reject(std::string_view key, const std::string& why) const {
    const std::string& place = values_.find(key)->second.place;
    const std::string name(key);
    const bool named = place.empty() || place == "--" + name;
    throw ConfigError((named ? "--" + name : place + ": " + name) + ": " + why);
}

}  // namespace sheafline
