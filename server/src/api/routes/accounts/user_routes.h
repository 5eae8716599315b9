// The users, for admins.
#pragma once

#include "accounts/account_store.h"
#include "accounts/password_hasher.h"
#include "api/api_routes.h"

namespace sheafline::api {

void addUserRoutes(ApiRoutes& routes, AccountStore& accounts, PasswordHasher& hasher);

}  // namespace sheafline::api
