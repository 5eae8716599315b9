// The templates beside the installed pipelines, and their printed sheets.
#pragma once

#include <filesystem>

#include "api/api_routes.h"

namespace sheafline::api {

// `folder` has the templates, each under its name.
void addTemplateRoutes(ApiRoutes& routes, const std::filesystem::path& folder);

}  // namespace sheafline::api
