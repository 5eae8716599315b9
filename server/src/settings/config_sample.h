// The settings as a configuration file and as tables for the docs, both made from
// settings/setting_table.h.
#pragma once

#include <map>
#include <string>

namespace sheafline {

// A configuration file with every setting as a comment. `given` are settings that it sets: a key
// and a value. Throws ConfigError for an unknown key.
std::string configSample(const std::map<std::string, std::string>& given);

// Two Markdown tables: the settings of all commands, and those of `serve` alone.
std::string settingTables();

}  // namespace sheafline
