// `history copy`: moves the history of a data folder into PostgreSQL.
#include <iostream>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "base/data_folder.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "history/stores/copy_history.h"
#include "history/stores/open_history.h"

namespace sheafline {

int historyCopyCommand(const std::string& data_folder, const std::string& url) {
    const DataFolder folder(data_folder);
    const sql::Place from = folder.history();
    if (!from.url.empty()) {
        throw Error(ErrorClass::permanent, "HISTORY_IN_DATABASE",
                    "the history of " + folder.data().string() +
                        " is in PostgreSQL already; to move it, use pg_dump and change "
                        "history.url");
    }
    const auto source = openHistoryToRead(from);  // before the lock, which would make the folder
    const OwnerLock lock(folder, "history copy");
    const auto target = openHistory({from.file, url});
    const CopiedHistory copied = copyHistory(*source, *target);
    folder.moveHistory(url);
    std::cout << "copied "
              << counted(static_cast<std::uint64_t>(copied.batches), "batch", "batches") << " with "
              << counted(static_cast<std::uint64_t>(copied.events), "event") << " to "
              << target->place() << "\nthe data folder now uses it; the old file is "
              << from.file.string() << ".copied\n";
    return kDone;
}

}  // namespace sheafline
