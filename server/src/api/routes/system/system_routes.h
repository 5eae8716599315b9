// The state of the server for admins, in one answer: sinks, Redis, database, workers, queue, disk
// and versions.
#pragma once

#include <functional>
#include <string>

#include "api/routes/operation_routes.h"

namespace sheafline::api {

struct SystemParts {
    const OperationParts& operations;
    std::string redis{};  // URL; empty: there is none
};

void addSystemRoutes(ApiRoutes& routes, const SystemParts& parts);  // `parts` outlives the routes

}  // namespace sheafline::api
