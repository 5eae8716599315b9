// The command line of the program: which commands exist, which options they take, and what the
// program answers to a word that it does not know. The options of every command (--data-dir and
// others) are accepted before and after the command.
//
//     CommandLine line;
//     return line.run(argc, argv);
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "settings/settings.h"

namespace CLI {
class App;
}

namespace sheafline {

inline constexpr const char* kJsonLines = "print one JSON object per line";  // help of --json

class CommandLine {
 public:
    using Command = std::function<int(const Settings&)>;

    CommandLine();
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    int run(int argc, const char* const* argv);  // gives the exit status

    // For the functions that add commands. A command with commands below it runs alone only when
    // none of those was chosen.
    CLI::App& root() { return *app_; }
    CLI::App& add(CLI::App& parent, const std::string& name, const std::string& help,
                  Command command);
    // A word that only groups commands: one of them must follow.
    CLI::App& addGroup(const std::string& name, const std::string& help);
    void addRedis(CLI::App& command);
    void addListen(CLI::App& command);
    // Reads the settings again, for SIGHUP.
    Settings settings() const { return settingsOf(common_); }

 private:
    const std::unique_ptr<CLI::App> app_;
    CommonOptions common_;
    Command chosen_;
};

// Each adds the commands of one kind; one file each.
void addBatchCommands(CommandLine& line);     // run, resume, batches, sheets, ...
void addServerCommands(CommandLine& line);    // serve, submit, watch, worker, workers, user
void addPipelineCommands(CommandLine& line);  // validate, schema, plugins, template, sample, test
void addManualCommands(CommandLine& line);    // settings, completion, manual
void addTemplateCommands(CommandLine& line);  // template new, print, check; part of the above

}  // namespace sheafline
