// What a batch made: its artifacts as files, its rows, its sheets.
#pragma once

#include "api/api_routes.h"
#include "data_folder.h"
#include "plugin_catalog.h"
#include "reader_pool.h"

namespace sheafline::api {

struct FileParts {
    const DataFolder& folder;
    ReaderPool& readers;
    const PluginCatalog& plugins;
};

void addFileRoutes(ApiRoutes& routes, const FileParts& parts);  // `parts` outlives the routes
void addSheetRoutes(ApiRoutes& routes, const FileParts& parts);

}  // namespace sheafline::api
