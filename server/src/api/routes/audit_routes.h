// GET /api/audit: the audit trail, for admins.
#pragma once

#include "api/api_routes.h"
#include "audit/audit_store.h"

namespace sheafline::api {

void addAuditRoutes(ApiRoutes& routes, AuditStore& audit);

}  // namespace sheafline::api
