// For workers on other hosts: the sheets of running batches, for those with a worker's token; and
// for people the list of these workers.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "accounts/tokens.h"
#include "api/api_routes.h"
#include "base/data_folder.h"
#include "batches/reader_pool.h"
#include "pictures/picture_desk.h"

namespace sheafline::api {

struct WorkParts {
    Gate& gate;
    const Tokens& tokens;
    const DataFolder& folder;
    ReaderPool& readers;
    PictureDesk& sources;  // for sheets that another server has extracted
    std::string redis{};   // URL; empty: there is none, and no workers
};

void addWorkRoutes(ApiRoutes& routes, const WorkParts& parts);  // `parts` outlives the routes

}  // namespace sheafline::api
