#include "command_line/command_line.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>

#include "command_line/unknown_word.h"
#include "command_line/version_text.h"
#include "command_parts/exit_status.h"

namespace sheafline {

namespace {

constexpr const char* kFooter =
    "Exit status: 0 done, 1 the batch failed, 2 bad usage or invalid file, 3 cancelled,\n"
    "4 interrupted, 5 waits for people, 75 the data folder is in use, 78 it is unusable.\n"
    "An environment variable such as SHEAFLINE_DATA_DIR replaces an option that is not given;\n"
    "the file named by --config holds defaults for both. docs/running.md lists all settings.";

constexpr const char* kCommandFooter =
    "All commands also accept --config, --data-dir, --history, --store, --work-dir, "
    "--plugin-path,\n"
    "--log-level and --log-format; see: sheafline --help";

}  // namespace

CommandLine::CommandLine()
    : app_(std::make_unique<CLI::App>(
          "Sheafline runs batch pipelines and shows their progress live.", "sheafline")) {
    app_->set_version_flag("--version", versionText());
    app_->require_subcommand(1);
    app_->set_help_all_flag("--help-all", "Print the help of all commands and exit");
    app_->footer(kFooter);
    app_->add_option("--config", common_.config, "configuration file with lines of key = value");
    app_->add_option("--data-dir", common_.data_dir,
                     "folder of the history and the batches (default: ./sheafline-data)");
    app_->add_option(
        "--history", common_.history,
        "postgresql://USER:PASSWORD@HOST/DATABASE of the history, which the data "
        "folder remembers (default: history.db in the data folder); keep a password out of "
        "the command line: use SHEAFLINE_HISTORY or the configuration file");
    app_->add_option("--store", common_.store,
                     "folder for the files of batches that all servers of --history mount, which "
                     "the data folder remembers (default: the data folder)");
    app_->add_option("--work-dir", common_.work_dir,
                     "folder for extracted files, may be a tmpfs (default: in the data folder)");
    app_->add_option("--plugin-path", common_.plugin_path,
                     "additional folder of plugins, searched first; repeatable");
    app_->add_option("--log-level", common_.log_level,
                     "debug, info, warning or error (default: warning; info for serve and worker)");
    app_->add_option("--log-format", common_.log_format,
                     "text or json: one JSON object per line (default: text)");
    app_->add_flag("--set-aside-history", common_.set_aside_history,
                   "rename a damaged history.db to history.db.corrupt-TIME and start with an empty "
                   "history");
    addBatchCommands(*this);
    addServerCommands(*this);
    addPipelineCommands(*this);
    addManualCommands(*this);
}

CommandLine::~CommandLine() = default;

int CommandLine::run(int argc, const char* const* argv) {
    try {
        app_->parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --help-all, --version
        return app_->exit(asked);
    } catch (const CLI::ParseError& error) {
        std::cerr << explain(*app_, error) << '\n';
        return kBadUsage;
    }
    return guarded([this] {
        const Settings read = settings();
        // Batch processes inherit it: other users can read arguments, but not the environment.
        if (!read.redis.empty())
            ::setenv("SHEAFLINE_REDIS", read.redis.c_str(), 1);  // no thread runs yet
        if (!read.secrets_folder.empty())
            ::setenv("SHEAFLINE_SECRETS_DIR", read.secrets_folder.c_str(), 1);
        if (!read.work_key.empty()) ::setenv("SHEAFLINE_WORK_KEY", read.work_key.c_str(), 1);
        return chosen_(read);
    });
}

CLI::App& CommandLine::add(CLI::App& parent, const std::string& name, const std::string& help,
                           Command command) {
    CLI::App* sub = parent.add_subcommand(name, help);
    sub->fallthrough();
    sub->require_subcommand(0, 1);  // a batch or user may have the name of a command
    sub->footer(kCommandFooter);
    sub->callback([this, sub, command = std::move(command)] {
        if (sub->get_subcommands().empty()) chosen_ = command;
    });
    return *sub;
}

CLI::App& CommandLine::addGroup(const std::string& name, const std::string& help) {
    CLI::App* group = app_->add_subcommand(name, help);
    group->fallthrough();
    group->require_subcommand(1);
    return *group;
}

void CommandLine::addRedis(CLI::App& command) {
    command.add_option("--redis", common_.redis,
                       "redis://[user:password@]host[:port][/database], or rediss:// for TLS; keep "
                       "a password out of "
                       "the command line: use SHEAFLINE_REDIS or the configuration file");
}

void CommandLine::addListen(CLI::App& command) {
    command.add_option("--listen", common_.listen,
                       "HOST:PORT (default: 127.0.0.1:8000); port 0 selects a free one");
}

}  // namespace sheafline
