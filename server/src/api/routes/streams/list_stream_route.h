// The stream of the list of batches.
#pragma once

#include "api/api_routes.h"
#include "streams/list/list_streams.h"

namespace sheafline::api {

void addListStreamRoute(ApiRoutes& routes, ListStreams& streams);

}  // namespace sheafline::api
