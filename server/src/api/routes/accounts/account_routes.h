// What users do with their own account: password, sessions, and tokens for programs. A token cannot
// call these routes: a person signs in.
#pragma once

#include "accounts/account_store.h"
#include "accounts/api_tokens/api_token_store.h"
#include "accounts/password_hasher.h"
#include "api/api_routes.h"
#include "api/sign_in_gate.h"

namespace sheafline::api {

struct AccountParts {
    AccountStore& accounts;
    ApiTokenStore& tokens;
    PasswordHasher& hasher;
    SignIn& sign_in;
    SignInGate& gate;
};

void addAccountRoutes(ApiRoutes& routes, const AccountParts& parts);  // `parts` outlives the routes
void addTokenRoutes(ApiRoutes& routes, const AccountParts& parts);

// The caller's identity. Throws HttpError 403 for a token.
Identity personOf(const ApiRequest& request, SignInGate& gate);

// `own` is hashOfId() of the session of the request.
std::string sessionJson(const OpenSession& session, const std::string& own);

}  // namespace sheafline::api
