// `watch`: follows a batch that another process runs, in the data folder or over HTTP.
#include <csignal>
#include <iostream>

#include "client/batch_screen.h"
#include "client/follow.h"
#include "command_parts/batch_results.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"

namespace sheafline {

int watchCommand(const WatchOptions& options, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    const BatchScreen screen(plugins, options.json);
    if (options.server.url.empty()) {
        const DataFolder folder(settings.data_folder, settings.work_folder);
        const BatchState state =
            followInFolder(folder, options.batch_id, screen.show(), FollowTo::end);
        if (!options.json) showResults(folder, options.batch_id);
        return exitStatus(state);
    }
    const RemoteServer server = signedIn(options.server, settings.tls);
    const BatchState state = followOnServer(server, options.batch_id, screen.show(), FollowTo::end);
    if (!options.json) showResults(server, options.batch_id);
    return exitStatus(state);
}

}  // namespace sheafline
