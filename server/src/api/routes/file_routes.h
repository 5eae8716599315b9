// The results of a batch: its artifacts as files, its rows, its sheets, its answers in doubt.
#pragma once

#include "api/api_routes.h"
#include "base/data_folder.h"
#include "batches/reader_pool.h"
#include "pictures/picture_desk.h"
#include "plugins/plugin_catalog.h"

namespace sheafline::api {

struct FileParts {
    const DataFolder& folder;
    ReaderPool& readers;
    const PluginCatalog& plugins;
    PictureDesk& pictures;
};

void addFileRoutes(ApiRoutes& routes, const FileParts& parts);  // `parts` outlives the routes
void addSheetRoutes(ApiRoutes& routes, const FileParts& parts);
void addResultRoutes(ApiRoutes& routes, const FileParts& parts);
void addCodeRoutes(ApiRoutes& routes, const FileParts& parts);
void addReviewRoutes(ApiRoutes& routes, const FileParts& parts);

}  // namespace sheafline::api
