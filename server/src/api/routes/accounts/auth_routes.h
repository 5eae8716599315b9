// Signing in and out, and stream tickets.
#pragma once

#include "api/api_routes.h"
#include "api/sign_in_gate.h"
#include "batches/reader_pool.h"

namespace sheafline::api {

struct AuthParts {
    SignIn& sign_in;
    SignInGate& gate;
    ReaderPool& readers;
};

void addAuthRoutes(ApiRoutes& routes, const AuthParts& parts);  // `parts` outlives the routes

}  // namespace sheafline::api
