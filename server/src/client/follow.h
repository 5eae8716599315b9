// Follows one batch to the end of its current execution: every event once and in order, from the
// first on. The events come from the history beside us, or from a server. Blocks; a signal ends the
// program.
#pragma once

#include <functional>
#include <span>
#include <string>

#include <sheafline/sink.h>

#include "base/data_folder.h"
#include "client/remote_server.h"
#include "history/change.h"

namespace sheafline {

using ShowEvents = std::function<void(std::span<const CommittedEvent>)>;

// How the batch ended; `interrupted` where nobody works on it now. What is to be said beside the
// events (a lost connection, a gap) goes to standard error. Both throw ConfigError where there is
// no such batch.
BatchState followInFolder(const DataFolder& folder, const std::string& batch_id,
                          const ShowEvents& show);
// Comes back after lost connections and restarts of the server, by the last event that was seen.
// Throws Error (SERVER_UNREACHABLE) where the server stays away for two minutes.
BatchState followOnServer(const RemoteServer& server, const std::string& batch_id,
                          const ShowEvents& show);

}  // namespace sheafline
