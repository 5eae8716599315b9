// settings, completion and manual; and the table of commands that the last two are made from.
#include <memory>

#include <CLI/CLI.hpp>

#include "command_line/command_line.h"
#include "commands/commands.h"
#include "manuals/command_entry.h"

namespace sheafline {

namespace {

// The values of IsMember, which CLI11 shows as "TEXT:{read,create}".
std::vector<std::string> choicesOf(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const auto open = type.find('{');
    const auto close = type.find('}', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) return {};
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

OptionEntry entryOf(const CLI::Option& option) {
    const bool argument = option.get_positional() && option.get_lnames().empty();
    const std::string type = option.get_type_name();
    const bool has_value = option.get_items_expected_max() > 0;
    return {.name = argument ? option.get_name(true) : "--" + option.get_lnames().front(),
            .value = has_value ? type.substr(0, type.find_first_of(":{")) : "",
            .help = option.get_description(),
            .choices = choicesOf(option),
            .argument = argument,
            .required = option.get_required()};
}

CommandEntry entryOf(const CLI::App& app, const std::string& words, bool top = false) {
    CommandEntry entry{.words = words, .help = app.get_description()};
    for (const CLI::Option* option : app.get_options()) {
        const bool is_help = option->check_lname("help") || option->check_lname("help-all");
        if ((is_help && !top) || (option->get_lnames().empty() && !option->get_positional()))
            continue;  // every command has --help, and the page of the program lists it
        entry.options.push_back(entryOf(*option));
    }
    for (const CLI::App* command : app.get_subcommands({}))
        entry.commands.push_back(entryOf(*command, words + " " + command->get_name()));
    return entry;
}

}  // namespace

void addManualCommands(CommandLine& line) {
    const auto format = std::make_shared<std::string>("conf");
    const auto set = std::make_shared<std::vector<std::string>>();
    CLI::App& settings = line.add(line.root(), "settings",
                                  "Print all settings, as a configuration file or as tables",
                                  [=](const Settings&) { return settingsCommand(*format, *set); });
    settings.add_option("--format", *format, "conf (default): a file for --config; or markdown")
        ->check(CLI::IsMember({"conf", "markdown"}));
    settings.add_option("--set", *set, "KEY=VALUE, a setting that the file sets; repeatable")
        ->allow_extra_args(false);

    const auto shell = std::make_shared<std::string>();
    CLI::App& completion =
        line.add(line.root(), "completion", "Print a script that completes commands in a shell",
                 [&line, shell](const Settings&) {
                     return completionCommand(*shell, entryOf(line.root(), "sheafline", true));
                 });
    completion.add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));

    const auto out = std::make_shared<std::string>();
    CLI::App& manual =
        line.add(line.root(), "manual", "Write the manual pages of all commands into a folder",
                 [&line, out](const Settings&) {
                     return manualCommand(*out, entryOf(line.root(), "sheafline", true),
                                          line.root().get_footer());
                 });
    manual.add_option("--out", *out, "folder for the pages")->required();
}

}  // namespace sheafline
