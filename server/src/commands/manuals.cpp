// `settings`, `completion` and `manual`: files that a package installs, made from the tables that
// the program itself reads.
#include <iostream>
#include <map>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "command_line/version_text.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "manuals/completions.h"
#include "manuals/manual_pages.h"
#include "settings/config_sample.h"

namespace sheafline {

int settingsCommand(const std::string& format, const std::vector<std::string>& set) {
    std::map<std::string, std::string> given;
    for (const std::string& text : set) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            throw ConfigError("--set requires KEY=VALUE, such as data-dir=/srv/sheafline, not '" +
                              text + "'");
        given[text.substr(0, equals)] = text.substr(equals + 1);
    }
    std::cout << (format == "markdown" ? settingTables() : configSample(given));
    return kDone;
}

int completionCommand(const std::string& shell, const CommandEntry& program) {
    std::cout << (shell == "bash"  ? bashCompletion(program)
                  : shell == "zsh" ? zshCompletion(program)
                                   : fishCompletion(program));
    return kDone;
}

int manualCommand(const std::string& out, const CommandEntry& program, const std::string& footer) {
    createFolders(out);
    const std::string version = versionText();
    const auto pages = manualPages(program, version.substr(0, version.find(" (")), footer);
    for (const ManualPage& page : pages) {
        DurableFile file(std::filesystem::path(out) / page.name);
        file.write(page.text);
        file.publish();
    }
    std::cout << "wrote " << counted(pages.size(), "page") << " to " << out << '\n';
    return kDone;
}

}  // namespace sheafline
