// One batch that this process owns and supervises: what run, resume, retry and fix share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command_parts/signals.h"
#include "owner/owner.h"
#include "pipeline/pipeline.h"
#include "settings/settings.h"

namespace sheafline {

class StreamFront;

OwnerOptions ownerOptions(const Settings& settings, const std::string& command);

// The console and the sinks of its pipeline.
void addSinks(Owner& owner, const PluginCatalog& plugins, const Pipeline& pipeline,
              const BatchRow& batch, bool json);

// Starts the batch and waits for its end. SIGINT cancels it, SIGTERM leaves it for a later resume,
// a second signal kills it. Returns the exit status.
int superviseToEnd(Owner& owner, const std::string& batch_id, const std::string& resumed_because,
                   std::int64_t epoch, const Signals& signals, bool json,
                   StreamFront* front = nullptr);

// Claims a batch that exists, and returns its epoch; 0 if no other server shares the history.
// Throws Error (BATCH_RUNS) if a server runs it.
std::int64_t claimBatch(Owner& owner, const std::string& batch_id);

void deliverRest(Owner& owner);  // to durable sinks

}  // namespace sheafline
