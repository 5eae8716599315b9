#include "api/routes/accounts/account_routes.h"

#include <sheafline/error.h>

#include "accounts/passwords/password_rules.h"
#include "accounts/random_id.h"
#include "accounts/throttle/login_throttle.h"
#include "api/bodies/list_page.h"
#include "api/bodies/text_fields.h"
#include "base/clocks.h"
#include "batches/batch_json.h"

namespace sheafline::api {

using http::HttpError;
using http::Problem;

Identity personOf(const ApiRequest& request, SignInGate& gate) {
    Identity identity = gate.identityOf(request.call());
    if (!tokenOfSession(identity.session).empty())
        throw HttpError(403, "FORBIDDEN", "a token cannot do this; sign in with the password");
    return identity;
}

std::string sessionJson(const OpenSession& session, const std::string& own) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", session.session);
    object.set("address", session.address);
    object.set("opened_at", utcText(session.opened_at * 1000));
    object.set("refreshed_at", utcText(session.refreshed_at * 1000));
    object.set("expires_at", utcText(session.expires_at * 1000));
    object.set("current", session.session == own);
    return compactJson(object);
}

namespace {

void changePassword(ApiRequest& request, const AccountParts& parts) {
    const Identity caller = personOf(request, parts.gate);
    const auto json = request.json({"old", "new"});
    const std::string old_password = requiredText(*json, "old");
    const std::string new_password = requiredText(*json, "new");
    if (const auto finding = passwordError(new_password, caller.user))
        throw wrongField("new", *finding);
    if (new_password == old_password)
        throw wrongField("new", "this is the password that you have; choose another one");
    const auto checked = parts.sign_in.check(caller.user, old_password,
                                             clientOfAddress(request.call().origin.client));
    if (checked.retry_after_seconds > 0)
        throw HttpError(
            Problem{.status = 429,
                    .code = "TOO_MANY_ATTEMPTS",
                    .detail = "too many wrong passwords; wait as long as Retry-After says",
                    .fields = {{"Retry-After", std::to_string(checked.retry_after_seconds)}}});
    // Not 401, with which a dashboard would end its session.
    if (checked.hash.empty()) throw wrongField("old", "this is not your password; try again");
    const bool changed =
        parts.accounts.changePassword(caller.user, {.old_hash = checked.hash,
                                                    .new_hash = parts.hasher.hash(new_password),
                                                    .kept_session = hashOfId(caller.session)});
    if (!changed) throw wrongField("old", "the password was changed meanwhile; try again");
    request.sendNothing();
}

void listSessions(ApiRequest& request, const AccountParts& parts) {
    const Identity caller = personOf(request, parts.gate);
    const auto sessions = parts.accounts.sessionsOf(caller.user, wallMs() / 1000);
    const std::string own = hashOfId(caller.session);
    request.sendJson(pageJson(
        sessions, sessions.size(),
        [&](const OpenSession& session) { return sessionJson(session, own); },
        [](const OpenSession& session) { return session.session; }));
}

void endSession(ApiRequest& request, const AccountParts& parts) {
    const Identity caller = personOf(request, parts.gate);
    if (!parts.accounts.endOf(caller.user, request.param("session")))
        throw HttpError(404, "NO_SUCH_SESSION", "you have no such open session");
    request.sendNothing();
}

}  // namespace

void addAccountRoutes(ApiRoutes& routes, const AccountParts& parts) {
    routes.add("POST", "/api/auth/password",
               {.id = "changeOwnPassword",
                .summary = "Changes your password; ends your other sessions",
                .body = "application/json",
                .takes = "PasswordChange",
                .answer = "",
                .status = 204,
                .errors = {"BAD_JSON", "WRONG_TYPE", "INVALID_FIELD", "TOO_MANY_ATTEMPTS"},
                .options = {.body_limit = 8192, .pool = http::Pool::hashing}},
               [&parts](ApiRequest& request) { changePassword(request, parts); });
    routes.add("GET", "/api/auth/sessions",
               {.id = "listSessions",
                .summary = "Your open sessions, the newest first",
                .gives = "OpenSessionList"},
               [&parts](ApiRequest& request) { listSessions(request, parts); });
    routes.add("DELETE", "/api/auth/sessions/{session}",
               {.id = "endSession",
                .summary = "Ends one of your sessions, on whatever device it is",
                .answer = "",
                .status = 204,
                .errors = {"NO_SUCH_SESSION"}},
               [&parts](ApiRequest& request) { endSession(request, parts); });
}

}  // namespace sheafline::api
