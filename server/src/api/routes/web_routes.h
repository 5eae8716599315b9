// The dashboard: one page with its script and style, built into the program.
#pragma once

#include "api/api_routes.h"

namespace sheafline::api {

void addWebRoutes(ApiRoutes& routes);

}  // namespace sheafline::api
