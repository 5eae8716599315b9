// What this server can run: pipelines, plugins, and the schemas of its files.
#pragma once

#include "api/api_routes.h"
#include "batches/pipeline_shelf.h"
#include "plugins/plugin_catalog.h"

namespace sheafline::api {

void addCatalogRoutes(ApiRoutes& routes, PipelineShelf& pipelines, const PluginCatalog& plugins);

}  // namespace sheafline::api
