// Uploads by tus 1.0: core, creation, creation-with-upload, checksum, expiration and termination.
// An upload is its batch.
#pragma once

#include "api/api_routes.h"
#include "batches/reader_pool.h"
#include "batches/upload_desk.h"

namespace sheafline::api {

struct UploadParts {
    UploadDesk& desk;
    ReaderPool& readers;
    std::uint64_t max_bytes = 0;
};

void addUploadCreation(ApiRoutes& routes, const UploadParts& parts);
void addUploadRoutes(ApiRoutes& routes, const UploadParts& parts);  // `parts` outlives the routes
// POST /api/batches: JSON, or the archive itself.
void addCreateRoutes(ApiRoutes& routes, const UploadParts& parts);

}  // namespace sheafline::api
