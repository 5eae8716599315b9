// The open sessions of a user, for admins. Users see their own with account_routes.cpp.
#include "accounts/random_id.h"
#include "api/bodies/list_page.h"
#include "api/routes/accounts/account_routes.h"
#include "api/routes/accounts/user_routes.h"
#include "base/clocks.h"

namespace sheafline::api {

namespace {

void list(ApiRequest& request, AccountStore& accounts) {
    const auto sessions = accounts.sessionsOf(existingUser(request, accounts), wallMs() / 1000);
    const std::string own = hashOfId(request.caller.session);
    request.sendJson(pageJson(
        sessions, sessions.size(),
        [&](const OpenSession& session) { return sessionJson(session, own); },
        [](const OpenSession& session) { return session.session; }));
}

void endOne(ApiRequest& request, AccountStore& accounts) {
    const std::string& user = existingUser(request, accounts);
    if (!accounts.endOf(user, request.param("session")))
        throw http::HttpError(404, "NO_SUCH_SESSION", "the user has no such open session");
    request.sendNothing();
}

}  // namespace

const std::string& existingUser(ApiRequest& request, AccountStore& accounts) {
    const std::string& name = request.param("name");
    if (accounts.credentials(name)) return name;
    throw http::HttpError(404, "NO_SUCH_USER", "there is no such user");
}

void addUserSessionRoutes(ApiRoutes& routes, AccountStore& accounts) {
    routes.add("GET", "/api/users/{name}/sessions",
               {.id = "listUserSessions",
                .access = Access::admin,
                .summary = "The open sessions of a user, the newest first",
                .gives = "OpenSessionList",
                .errors = {"NO_SUCH_USER"}},
               [&accounts](ApiRequest& request) { list(request, accounts); });
    routes.add("DELETE", "/api/users/{name}/sessions",
               {.id = "endUserSessions",
                .access = Access::admin,
                .summary = "Ends all sessions of a user; tokens of programs stay valid",
                .answer = "",
                .status = 204,
                .errors = {"NO_SUCH_USER"}},
               [&accounts](ApiRequest& request) {
                   accounts.endAllOf(existingUser(request, accounts));
                   request.sendNothing();
               });
    routes.add("DELETE", "/api/users/{name}/sessions/{session}",
               {.id = "endUserSession",
                .access = Access::admin,
                .summary = "Ends one session of a user",
                .answer = "",
                .status = 204,
                .errors = {"NO_SUCH_USER", "NO_SUCH_SESSION"}},
               [&accounts](ApiRequest& request) { endOne(request, accounts); });
}

}  // namespace sheafline::api
