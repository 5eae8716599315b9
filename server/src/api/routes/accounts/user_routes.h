// Users, for admins: accounts, sessions and quotas.
#pragma once

#include "accounts/account_store.h"
#include "accounts/password_hasher.h"
#include "api/api_routes.h"
#include "batches/upload_desk.h"

namespace sheafline::api {

struct QuotaParts {
    AccountStore& accounts;
    UploadDesk& uploads;
};

void addUserRoutes(ApiRoutes& routes, AccountStore& accounts, PasswordHasher& hasher);
void addUserSessionRoutes(ApiRoutes& routes, AccountStore& accounts);
void addQuotaRoutes(ApiRoutes& routes, const QuotaParts& parts);  // `parts` outlives the routes

// The user of the path. Throws HttpError 404 if there is none.
const std::string& existingUser(ApiRequest& request, AccountStore& accounts);

}  // namespace sheafline::api
