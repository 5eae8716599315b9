// `backup` and `restore`: a copy of the data folder, and a data folder from a copy.
#include "backup/backup.h"

#include <iostream>

#include <sheafline/shown_text.h>

#include "command_parts/exit_status.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

void print(const char* what, const BackupReport& report, const std::string& place) {
    for (const std::string& warning : report.warnings) std::cerr << "warning: " << warning << '\n';
    std::cout << what << " " << counted(report.batches, "batch", "batches") << " ("
              << counted(report.files, "file") << ", " << report.bytes << " bytes) to " << place
              << '\n';
}

}  // namespace

int backupCommand(const std::string& target, const Settings& settings) {
    print("backed up", makeBackup(settings.data_folder, target, SHEAFLINE_VERSION), target);
    return kDone;
}

int restoreCommand(const std::string& backup, const Settings& settings) {
    const std::string place = settings.data_folder.string();
    print("restored", restoreBackup(backup, settings.data_folder), place);
    std::cout << "batches that ran are interrupted: `sheafline resume BATCH` or the next `serve` "
                 "continues them\n";
    return kDone;
}

}  // namespace sheafline
