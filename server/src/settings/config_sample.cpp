#include "settings/config_sample.h"

#include <algorithm>
#include <string_view>

#include <sheafline/error.h>

#include "base/did_you_mean.h"
#include "settings/setting_table.h"

namespace sheafline {

namespace {

constexpr std::size_t kWidth = 96;

// Markdown without its marks: links keep their text, and code keeps its words.
std::string plain(std::string_view text) {
    std::string out;
    bool code = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') {
            code = !code;
            continue;
        }
        const auto end = text[i] == '[' && !code ? text.find("](", i) : std::string_view::npos;
        const auto close = end == std::string_view::npos ? end : text.find(')', end);
        if (close == std::string_view::npos) {
            out += text[i];
            continue;
        }
        out += plain(text.substr(i + 1, end - i - 1));
        i = close;
    }
    return out;
}

// Comment lines of at most kWidth characters.
std::string comment(const std::string& text) {
    std::string out;
    std::string line;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        if (!line.empty() && line.size() + word.size() + 3 > kWidth) {
            out += "# " + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        at = end + 1;
    }
    return out + "# " + line + "\n";
}

std::string valueText(const std::string& value) {
    return value.find_first_of(" #\t") == std::string::npos ? value : "\"" + value + "\"";
}

std::string tableOf(SettingScope scope) {
    std::string table =
        "| in the file | environment | default | what |\n| --- | --- | --- | --- |\n";
    for (const SettingSpec& spec : settingTable()) {
        if (spec.scope == scope) table += docsRow(spec) + "\n";
    }
    return table;
}

}  // namespace

std::string configSample(const std::map<std::string, std::string>& given) {
    for (const auto& [key, value] : given) {
        const auto keys = settingKeys();
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            throw ConfigError("--set: unknown setting '" + key + "'; " + didYouMean(key, keys));
    }
    std::string text =
        "# The settings of Sheafline: lines of key = value. A # at the start of a line or after a\n"
        "# space begins a comment. The environment replaces what this file says.\n";
    for (const SettingSpec& spec : settingTable()) {
        const std::string key(spec.key);
        const std::string whose = spec.scope == SettingScope::serve ? " (serve only)" : "";
        text += "\n" + comment(plain(spec.help) + whose + ". Default: " + plain(spec.shown) +
                               ". Environment: " + environmentName(spec.key) + ".");
        const auto set = given.find(key);
        if (set != given.end())
            text += key + " = " + valueText(set->second) + "\n";
        else
            text += "#" + key + " =" + (spec.fallback.empty() ? "" : " ") +
                    std::string(spec.fallback) + "\n";
    }
    return text +
           "\n# Values of params that clients must not set, for all pipelines or for one (serve "
           "only).\n#set.database = postgresql://sheafline@10.0.0.7/exams\n"
           "#set.omr-batch.workers = 8\n";
}

std::string settingTables() {
    return "## All commands\n\n" + tableOf(SettingScope::all) + "\n## `serve` alone\n\n" +
           tableOf(SettingScope::serve);
}

}  // namespace sheafline
