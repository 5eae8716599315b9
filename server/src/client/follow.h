// Follows one batch to the end of its current execution, or to its review, and shows each event
// once and in order. The events come from the history in the data folder, or from a server. Blocks;
// a signal ends the program.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <sheafline/sink.h>

#include "base/data_folder.h"
#include "client/remote_server.h"
#include "history/change.h"

namespace sheafline {

using ShowEvents = std::function<void(std::span<const CommittedEvent>)>;

// A review can last for days: a command that started the work returns then, `watch` follows on.
enum class FollowTo { end, end_or_review };

// How the batch ended; `interrupted` when no process works on it now, and `reviewing` when it waits
// for people. Messages that are not events (a lost connection, a gap) go to standard error. Both
// throw ConfigError for an unknown batch.
BatchState followInFolder(const DataFolder& folder, const std::string& batch_id,
                          const ShowEvents& show, FollowTo to, std::uint64_t after_seq = 0);
// Reconnects after lost connections and restarts of the server, from the last event that was shown.
// Throws Error (SERVER_UNREACHABLE) when the server does not answer for two minutes.
BatchState followOnServer(const RemoteServer& server, const std::string& batch_id,
                          const ShowEvents& show, FollowTo to);

}  // namespace sheafline
