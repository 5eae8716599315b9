#include "settings/config_file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r";
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string_view withoutComment(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t'))
            return text.substr(0, i);
    }
    return text;
}

bool isKey(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    });
}

[[noreturn]] void reject(const std::string& file, int line, const std::string& why) {
    throw ConfigError(file + ":" + std::to_string(line) + ": " + why);
}

// What follows the "=".
std::string valueOf(std::string_view text, const std::string& file, int line) {
    text = trimmed(text);
    if (!text.starts_with('"')) return std::string(trimmed(withoutComment(text)));
    const std::size_t end = text.find('"', 1);
    if (end == std::string_view::npos) reject(file, line, "the value has no closing quote");
    if (!trimmed(withoutComment(text.substr(end + 1))).empty())
        reject(file, line, "unexpected text after the closing quote");
    return std::string(text.substr(1, end - 1));
}

}  // namespace

std::vector<ConfigLine> parseConfig(const std::string& text, const std::string& file) {
    std::vector<ConfigLine> lines;
    std::string_view rest = text;
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    for (int number = 1; !rest.empty(); ++number) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (trimmed(withoutComment(line)).empty()) continue;
        const std::size_t equals = line.find('=');
        const std::string_view key = trimmed(line.substr(0, equals));
        if (equals == std::string_view::npos || !isKey(key))
            reject(file, number,
                   "expected 'key = value', not '" + std::string(trimmed(line)) + "'");
        const auto earlier =
            std::ranges::find_if(lines, [&](const auto& other) { return other.key == key; });
        if (earlier != lines.end())
            reject(file, number,
                   "'" + std::string(key) + "' is already set in line " +
                       std::to_string(earlier->line) + "; remove one of the two");
        lines.push_back({.line = number,
                         .key = std::string(key),
                         .value = valueOf(line.substr(equals + 1), file, number)});
    }
    return lines;
}

std::vector<ConfigLine> readConfigFile(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    if (!in || in.bad())  // a folder opens, but cannot be read
        throw ConfigError("cannot read the configuration file " + file + ": " +
                          std::strerror(errno));
    return parseConfig(text.str(), file);
}

}  // namespace sheafline
