// The progress of a batch: its stream, the polling fallback, and its status.
#pragma once

#include <sheafline/streams/stream_hub.h>

#include "api/api_routes.h"
#include "base/data_folder.h"
#include "batches/reader_pool.h"

namespace sheafline::api {

struct ProgressSources {
    Gate& gate;
    ReaderPool& readers;
    EventSource& events;
    StreamHub& hub;          // its principals are those of Watcher
    std::string owner_id{};  // the living owner; batches of other owners are interrupted
    const DataFolder* folder = nullptr;  // null: the status has no findings about a roster
};

// `sources` outlives the routes.
void addProgressRoutes(ApiRoutes& routes, const ProgressSources& sources);

}  // namespace sheafline::api
