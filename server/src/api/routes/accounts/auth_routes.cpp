#include "api/routes/accounts/auth_routes.h"

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "accounts/throttle/login_throttle.h"
#include "api/routes/accounts/account_routes.h"
#include "api/visible_batch.h"
#include "base/clocks.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;
using Poco::JSON::Object;

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
    const auto found = form.find(name);
    if (found != form.end()) return found->second;
    throw HttpError(http::Problem{.status = 422,
                                  .code = "MISSING_FIELD",
                                  .detail = "the form lacks '" + name + "'",
                                  .errors = {{.pointer = "/" + name, .detail = "is required"}}});
}

void sendToken(ApiRequest& request, const LoginResult& result, bool in_cookie) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    if (in_cookie) {
        // Scripts of the page cannot read the token.
        request.response().set("Set-Cookie", sessionCookie(request.call().origin, result.token,
                                                           result.expires_in_seconds));
    } else {
        object.set("access_token", result.token);
        object.set("token_type", "bearer");
    }
    object.set("expires_in", result.expires_in_seconds);
    request.sendJson(compactJson(object));
}

void login(ApiRequest& request, SignIn& sign_in) {
    const bool in_cookie = request.query("cookie").value_or("") == "1";
    if (in_cookie) requireOwnOrigin(request.call());
    const auto form = request.form();
    request.audit.user = field(form, "username");
    const auto result = sign_in.login(field(form, "username"), field(form, "password"),
                                      clientOfAddress(request.call().origin.client));
    if (result.retry_after_seconds > 0) {
        throw HttpError(http::Problem{
            .status = 429,
            .code = "TOO_MANY_ATTEMPTS",
            .detail = "too many attempts to sign in; wait for as long as Retry-After says",
            .fields = {{"Retry-After", std::to_string(result.retry_after_seconds)}}});
    }
    if (result.token.empty())
        throw HttpError(401, "WRONG_CREDENTIALS", "user name or password is wrong");
    sendToken(request, result, in_cookie);
}

void refresh(ApiRequest& request, SignIn& sign_in) {
    const SentToken sent = SignInGate::tokenOf(request.call());
    const auto result = sign_in.refresh(sent.text);
    if (result.token.empty()) throw HttpError(401, "UNAUTHORIZED", "the session has ended");
    sendToken(request, result, sent.in_cookie);
}

void logout(ApiRequest& request, const AuthParts& parts) {
    parts.sign_in.logout(personOf(request, parts.gate));
    request.response().set("Set-Cookie", sessionCookie(request.call().origin, "", 0));
    request.sendNothing();
}

void session(ApiRequest& request, SignInGate& gate) {
    const Identity identity = gate.identityOf(request.call());
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("user", identity.user);
    object.set("role", std::string(toString(identity.role)));
    object.set("expires_at", utcText(identity.expires_at * 1000));
    object.set("must_change_password", identity.must_change);
    request.sendJson(compactJson(object));
}

void ticket(ApiRequest& request, const AuthParts& parts) {
    const Identity identity = parts.gate.identityOf(request.call());
    const std::string& id = request.param("id");
    visibleBatch(*parts.readers.take(), request.caller, id);
    const std::string text = parts.sign_in.ticket(identity, id);
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("ticket", text);
    object.set("url", "/api/batches/" + id + "/stream?ticket=" + text);
    request.sendJson(compactJson(object), 201);
}

}  // namespace

void addAuthRoutes(ApiRoutes& routes, const AuthParts& parts) {
    routes.add("POST", "/api/auth/login",
               {.id = "signIn",
                .access = Access::open,
                .summary = "A token for name and password, or with `cookie=1` a session cookie",
                .query = {"cookie"},
                .body = "application/x-www-form-urlencoded",
                .takes = "SignIn",
                .gives = "Token",
                .errors = {"WRONG_CREDENTIALS", "FOREIGN_ORIGIN", "WRONG_TYPE", "MISSING_FIELD",
                           "TOO_MANY_ATTEMPTS"},
                .options = {.body_limit = 8192, .pool = http::Pool::hashing}},
               [&parts](ApiRequest& request) { login(request, parts.sign_in); });
    routes.add("POST", "/api/auth/refresh",
               {.id = "refreshToken",
                .access = Access::open,
                .summary = "A new token for the same session",
                .gives = "Token",
                .errors = {"UNAUTHORIZED", "FOREIGN_ORIGIN"}},
               [&parts](ApiRequest& request) { refresh(request, parts.sign_in); });
    routes.add(
        "POST", "/api/auth/logout",
        {.id = "signOut", .summary = "Ends the session everywhere", .answer = "", .status = 204},
        [&parts](ApiRequest& request) { logout(request, parts); });
    routes.add("GET", "/api/auth/session",
               {.id = "getSession", .summary = "Who is signed in", .gives = "Session"},
               [&parts](ApiRequest& request) { session(request, parts.gate); });
    routes.add("POST", "/api/batches/{id}/stream-ticket",
               {.id = "createStreamTicket",
                .summary = "A ticket for an EventSource, which cannot send headers",
                .gives = "StreamTicket",
                .status = 201,
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { ticket(request, parts); });
}

}  // namespace sheafline::api
