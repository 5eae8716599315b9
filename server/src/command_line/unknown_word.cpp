#include "command_line/unknown_word.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>

#include <sheafline/shown_text.h>

#include "base/did_you_mean.h"

namespace sheafline {

namespace {

// The innermost command that was given, and its words: "sheafline sheets fix".
struct Chosen {
    const CLI::App* app = nullptr;
    std::string words{};
};

Chosen chosenIn(const CLI::App& app) {
    Chosen chosen{.app = &app, .words = app.get_name()};
    while (!chosen.app->get_subcommands().empty()) {
        chosen.app = chosen.app->get_subcommands().back();
        chosen.words += " " + chosen.app->get_name();
    }
    return chosen;
}

std::vector<std::string> commandsOf(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

// Its own and those of the words before it, which it takes too: each once, without hidden ones.
std::vector<std::string> optionsOf(const CLI::App* app) {
    std::vector<std::string> names;
    for (; app != nullptr; app = app->get_parent()) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_group().empty()) continue;
            for (const std::string& name : option->get_lnames()) {
                if (std::ranges::find(names, "--" + name) == names.end())
                    names.push_back("--" + name);
            }
        }
    }
    return names;
}

std::optional<std::string> unknownWord(const CLI::App& app, const Chosen& chosen) {
    for (const std::string& word : app.remaining(true)) {
        if (word == "--") continue;
        const std::string shown = "'" + shownText(word) + "'";
        if (word.size() > 1 && word.front() == '-') {
            const std::string name = word.substr(0, word.find('='));
            return "unknown option " + shown + " for '" + chosen.words + "'; " +
                   didYouMean(name, optionsOf(chosen.app));
        }
        const auto commands = commandsOf(*chosen.app);
        if (!commands.empty())
            return "unknown command " + shown + "; " + didYouMean(word, commands);
        return "unexpected argument " + shown + " for '" + chosen.words + "'";
    }
    return std::nullopt;
}

}  // namespace

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
    const Chosen chosen = chosenIn(app);
    const auto unknown = unknownWord(app, chosen);
    return "sheafline: " + (unknown ? *unknown : shownText(error.what())) +
           "\nSee: " + chosen.words + " --help";
}

}  // namespace sheafline
