// For operators of the server: health, readiness, metrics.
#pragma once

#include <atomic>
#include <functional>

#include <sheafline/streams/stream_hub.h>

#include "api/api_routes.h"
#include "api/metrics/request_tally.h"
#include "api/metrics/stage_tally.h"
#include "api/metrics/worker_watch.h"
#include "batches/batch_queue.h"
#include "batches/reader_pool.h"
#include "http/front/front.h"
#include "owner/owner.h"
#include "pictures/picture_desk.h"
#include "uploads/upload_store.h"

namespace sheafline::api {

struct OperationParts {
    Gate& gate;
    Owner& owner;
    ReaderPool& readers;
    BatchQueue& queue;
    const UploadStore& uploads;
    const PictureDesk& pictures;
    StreamHub& hub;
    const std::atomic<bool>& draining;
    std::function<http::FrontStats()> front_stats{};
    std::function<std::size_t()> list_streams{};  // how many are open
    const RequestTally* tally = nullptr;          // null: requests are not counted by route
    StageTally& stages;
    const WorkerWatch& workers;
};

void addOperationRoutes(ApiRoutes& routes, const OperationParts& parts);
// The description of all routes that were added before.
void addDescriptionRoute(ApiRoutes& routes);

}  // namespace sheafline::api
