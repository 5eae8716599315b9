// `decide`: stores a file of decisions about a batch, and makes the pending ones count. Where
// another process owns the data folder, that process does both.
#include <iostream>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "batch/apply_change.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/plugin_path.h"
#include "command_parts/restarted_batch.h"
#include "commands/commands.h"
#include "decisions/decision_check.h"
#include "decisions/decision_file.h"
#include "decisions/local_decisions.h"

namespace sheafline {

int decideCommand(const std::string& batch_id, const DecideOptions& options,
                  const Settings& given) {
    if (!options.file && !options.apply)
        throw ConfigError("decide requires --file FILE, --apply, or both");
    const Settings settings = withPluginPathOf(batch_id, given);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    if (options.file) {
        auto list = decisionsOfFile(*options.file);
        {
            const PluginCatalog plugins(settings.plugin_folders);
            HistoryReader history(folder.history());
            const BatchRow batch = decidableBatch(history, batch_id);
            DecisionCheck check(history, folder, plugins, batch);
            const auto problems = check.problems(list);
            if (!problems.empty()) throwFindings(*options.file, list, problems);
        }
        const std::size_t count = list.size();
        if (count > 0) storeDecisions(folder, batch_id, std::move(list));
        std::cerr << "stored " << counted(count, "decision")
                  << (options.apply
                          ? ""
                          : "; make them count with: sheafline decide " + batch_id + " --apply")
                  << '\n';
    }
    if (!options.apply) return kDone;
    return restartedBatch(batch_id, applyRequest(batch_id), options.restart, given);
}

}  // namespace sheafline
