// New batches.
#pragma once

#include "api/batch_routes.h"

namespace sheafline::api {

void addCreateRoutes(ApiRoutes& routes, const BatchParts& parts);  // `parts` outlives the routes

}  // namespace sheafline::api
