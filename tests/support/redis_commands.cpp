#include "redis_commands.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

namespace sheafline::test {

namespace {

using Poco::JSON::Object;
using Words = std::set<std::string>;

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

// `1732630.12 [0 127.0.0.1:4711] "XADD" "a:key" "MAXLEN" "7"`, each word with its quotes.
std::vector<std::string> wordsOf(const std::string& line) {
    std::vector<std::string> words;
    bool inside = false;
    for (std::size_t i = std::min(line.find(']'), line.size()); i < line.size(); ++i) {
        if (line[i] == '"') {
            inside = !inside;
            if (inside) words.emplace_back();
        } else if (inside) {
            if (line[i] == '\\') ++i;
            words.back() += line[i];
        }
    }
    return words;
}

std::map<std::string, Words> commandsOf(std::istream& monitor) {
    std::map<std::string, Words> commands;
    for (std::string line; std::getline(monitor, line);) {
        const auto words = wordsOf(line);
        if (words.empty() || words[0] == "COMMAND") continue;  // newerThan() itself
        Words& used = commands[upper(words[0])];
        for (std::size_t i = 1; i < words.size(); ++i) used.insert(upper(words[i]));
    }
    return commands;
}

bool after(const std::string& since, const std::string& version) {
    const auto numbers = [](const std::string& text) {
        std::istringstream in(text);
        int major = 0;
        int minor = 0;
        char dot = '.';
        in >> major >> dot >> minor;
        return std::pair(major, minor);
    };
    return numbers(since) > numbers(version);
}

// The words among `arguments` that were used and came after `version`.
void findNewerWords(const Object& docs, const std::string& name, const Words& used,
                    const std::string& version, Words& found) {
    const auto arguments = docs.getArray("arguments");
    if (!arguments) return;
    for (const auto& item : *arguments) {
        const auto& argument = *item.extract<Object::Ptr>();
        const auto since = argument.optValue<std::string>("since", "0.0");
        const auto token = argument.optValue<std::string>("token", "");
        if (used.contains(token) && after(since, version))
            found.insert(name + " " + token + " since " + since);
        findNewerWords(argument, name, used, version, found);
    }
}

void findNewer(const Object& docs, const std::string& name, const Words& used,
               const std::string& version, Words& found) {
    const auto since = docs.getValue<std::string>("since");
    if (after(since, version)) found.insert(name + " since " + since);
    findNewerWords(docs, name, used, version, found);
    const auto subcommands = docs.getObject("subcommands");
    if (!subcommands) return;
    for (const auto& [path, subcommand] : *subcommands) {  // "xgroup|create"
        const std::string word = upper(path.substr(path.find('|') + 1));
        if (used.contains(word))
            findNewer(*subcommand.extract<Object::Ptr>(), name + " " + word, used, version, found);
    }
}

}  // namespace

RedisCommands::RedisCommands(const RedisServer& redis)
    : redis_(redis),
      monitor_({"/bin/sh", "-c",
                "redis-cli -h 127.0.0.1 -p " + std::to_string(redis.port()) + " MONITOR | tee " +
                    (folder_ / "commands").string()},
               "OK") {}

std::vector<std::string> RedisCommands::newerThan(const std::string& version,
                                                  std::size_t& seen) const {
    std::ifstream monitor(folder_ / "commands");
    const auto commands = commandsOf(monitor);
    seen = commands.size();
    Words found;
    for (const auto& [name, used] : commands) {
        const auto docs = Poco::JSON::Parser()
                              .parse(redis_.cli("--json COMMAND DOCS " + name))
                              .extract<Object::Ptr>();
        for (const auto& [_, command] : *docs)
            findNewer(*command.extract<Object::Ptr>(), name, used, version, found);
    }
    return {found.begin(), found.end()};
}

}  // namespace sheafline::test
