// The description of the API (OpenAPI 3.0), made from the table of its routes, so that it lists
// exactly the existing ones.
#pragma once

#include <string>
#include <vector>

#include "api/api_routes.h"

namespace sheafline::api {

std::string openApiOf(const std::vector<DescribedRoute>& routes, const std::string& version);

}  // namespace sheafline::api
