// The frames between the owner and the process of a sink.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sheafline/sink.h>

#include "process/wire.h"

namespace sheafline {

// hello: plugin file, base of paths, params. ready: nothing. deliver: events. done: nothing.
// failed: class, code, message. ask_batch: id. batch: a BatchView or none. ask_events: id, after,
// most. events: events.
enum class SinkFrame : std::uint8_t {
    hello = 1,
    ready = 2,
    deliver = 3,
    done = 4,
    failed = 5,
    ask_batch = 6,
    batch = 7,
    ask_events = 8,
    events = 9
};

// The code of `failed` if the plugin rejects its params.
inline constexpr const char* kParamsRefused = "PARAMS_REFUSED";

void writeEvents(WireWriter& out, std::span<const CommittedEvent> events);
std::vector<CommittedEvent> readEvents(WireReader& in);
void writeBatch(WireWriter& out, const std::optional<BatchView>& batch);
std::optional<BatchView> readBatch(WireReader& in);

}  // namespace sheafline
