// Batches: list, detail, create without an upload, cancel, retry, remove.
#pragma once

#include "accounts/account_store.h"
#include "api/api_routes.h"
#include "batches/batch_queue.h"
#include "batches/reader_pool.h"
#include "batches/upload_desk.h"
#include "owner/owner.h"

namespace sheafline::api {

struct BatchParts {
    Owner& owner;
    ReaderPool& readers;
    BatchQueue& queue;
    UploadDesk& uploads;
};

void addBatchRoutes(ApiRoutes& routes, const BatchParts& parts);  // `parts` outlives the routes
void addDecisionRoutes(ApiRoutes& routes, const BatchParts& parts);
void addShareRoutes(ApiRoutes& routes, const BatchParts& parts, AccountStore& accounts);
void addScoreRoutes(ApiRoutes& routes, const BatchParts& parts);

}  // namespace sheafline::api
