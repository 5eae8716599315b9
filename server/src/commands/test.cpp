// `test --kill-everywhere`: for people who write pipelines and plugins.
#include <iostream>

#include <sheafline/error.h>

#include "command_parts/exit_status.h"
#include "command_parts/scratch_folder.h"
#include "commands/commands.h"
#include "faults/kill_everywhere.h"

namespace sheafline {

int testCommand(const TestOptions& options, const Settings& settings) {
    ScratchFolder folder("sheafline-test-");  // kept if a case failed
    std::vector<std::string> run{options.run.pipeline};
    if (!options.run.input.empty()) run.emplace_back("--input");
    run.insert(run.end(), options.run.input.begin(), options.run.input.end());
    for (const std::string& pair : options.run.set) run.insert(run.end(), {"--set", pair});
    std::vector<std::string> common;
    for (const auto& plugins : settings.plugin_folders)
        common.insert(common.end(), {"--plugin-path", plugins});
    std::string repeat = "sheafline test --kill-everywhere";
    for (const std::string& word : run) repeat += ' ' + word;
    if (options.lose_work) repeat += " --lose-work";
    faults::KillEverywhere test({.run = std::move(run),
                                 .common = std::move(common),
                                 .folder = folder.path(),
                                 .random_kills = options.random_kills,
                                 .seed = options.seed,
                                 .at_most = options.at_most,
                                 .only = options.only,
                                 .jobs = options.jobs,
                                 .lose_work = options.lose_work,
                                 .repeat = std::move(repeat)},
                                std::cout);
    if (test.run()) return kDone;
    folder.keep();
    std::cout << "the data folders of the failed cases are in " << folder.path().string() << '\n';
    return kBatchFailed;
}

}  // namespace sheafline
