// The settings: the one table from which options, environment and configuration file are read and
// checked. docs/operate/configure.md is made from it, so links in it are relative to that page.
// Immutable.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

enum class SettingScope {
    all,    // every command
    serve,  // `serve` alone
};

struct SettingSpec {
    std::string_view key{};       // in the file: "max-running"
    SettingScope scope{};         //
    std::string_view fallback{};  // the text of the default; empty: none
    std::string_view shown{};     // how the docs show the default
    std::string_view help{};
};

// A setting of an earlier version, and what replaces it.
struct RemovedSetting {
    std::string_view key{};
    std::string_view remedy{};
};

std::span<const SettingSpec> settingTable();
std::span<const RemovedSetting> removedSettings();
std::vector<std::string> settingKeys();
std::string environmentName(std::string_view key);  // "SHEAFLINE_MAX_RUNNING"

// Variables that begin with SHEAFLINE_ and are no settings: SHEAFLINE_TOKEN, secrets, fault tests.
bool isOtherVariable(std::string_view name);

// One row of the docs: | `key` | `SHEAFLINE_KEY` | default | help |
std::string docsRow(const SettingSpec& spec);

}  // namespace sheafline
