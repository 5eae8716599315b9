#include "neighbours/shared_sign_in.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/URI.h>

#include <sheafline/error.h>

#include "accounts/random_id.h"
#include "accounts/server_token.h"
#include "base/clocks.h"
#include "client/remote_server.h"
#include "http/message/problem.h"

namespace sheafline {

namespace {

constexpr std::int64_t kTicketSeconds = std::int64_t{12} * 3600;

std::int64_t nowSeconds() { return wallMs() / 1000; }

http::HttpError unreachable() {
    return http::HttpError(
        http::Problem{.status = 503,
                      .code = "ACCOUNTS_UNREACHABLE",
                      .detail = "the server with the accounts is not reachable; try again",
                      .fields = {{"Retry-After", "5"}}});
}

std::string escaped(std::string_view text) {
    std::string out;
    Poco::URI::encode(std::string(text), "+&=%;?#/:@$,!'()* ", out);
    return out;
}

LoginResult resultOf(const HttpAnswer& answer) {
    if (answer.status == 401 || answer.status == 422) return {};
    if (answer.status == 429) {
        const auto wait = answer.fields.find("retry-after");
        return {.retry_after_seconds = wait == answer.fields.end() ? 1 : std::stoll(wait->second)};
    }
    if (answer.status != 200) throw unreachable();
    const auto json = Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>();
    return {.token = json->getValue<std::string>("access_token"),
            .expires_in_seconds = json->getValue<std::int64_t>("expires_in")};
}

}  // namespace

HttpAnswer SharedSignIn::ask(const HttpAsk& what, const std::string& token) const {
    try {
        RemoteServer server(accounts_url_, files_);
        if (!token.empty()) server.authorize(token);
        return server.send(what);
    } catch (const Error&) {
        throw unreachable();
    }
}

LoginResult SharedSignIn::login(std::string_view name, std::string_view password,
                                std::string_view address) {
    const std::string body = "username=" + escaped(name) + "&password=" + escaped(password);
    return resultOf(ask({.method = "POST",
                         .path = "/api/auth/login",
                         .fields = {{"Content-Type", "application/x-www-form-urlencoded"},
                                    {"X-Forwarded-For", std::string(address)}},
                         .body = body}));
}

LoginResult SharedSignIn::refresh(std::string_view token) {
    const auto caller = identify(token);
    if (!caller) return {};
    const std::string own =
        serverTokenFor(tokens_, *caller, std::string(kAccountsPlace), nowSeconds());
    return resultOf(ask({.method = "POST", .path = "/api/auth/refresh"}, own));
}

std::optional<Identity> SharedSignIn::known(TokenKind kind, std::string_view token,
                                            std::string_view batch_id) {
    auto claims = tokens_.verify(kind, token, nowSeconds());
    if (!claims || claims->batch != batch_id || revocations_.has(hashOfId(claims->session)))
        return std::nullopt;
    return Identity{.user = std::move(claims->user),
                    .role = claims->role,
                    .session = std::move(claims->session),
                    .generation = claims->generation,
                    .expires_at = claims->expires_at};
}

std::optional<Identity> SharedSignIn::identify(std::string_view token) {
    return known(TokenKind::session, token, "");
}

std::optional<Identity> SharedSignIn::identifyTicket(std::string_view ticket,
                                                     std::string_view batch_id) {
    return known(TokenKind::ticket, ticket, batch_id);
}

// The server with the accounts receives this like all others, and ends the session there.
void SharedSignIn::logout(const Identity& identity) {
    try {
        revocations_.tell(hashOfId(identity.session), identity.expires_at + kTicketSeconds + 60);
    } catch (const Error&) {
        throw unreachable();
    }
}

std::string SharedSignIn::ticket(const Identity& identity, const std::string& batch_id) {
    const std::int64_t now = nowSeconds();
    return tokens_.issue(TokenKind::ticket, {.user = identity.user,
                                             .role = identity.role,
                                             .session = identity.session,
                                             .batch = batch_id,
                                             .issued_at = now,
                                             .expires_at = now + kTicketSeconds});
}

std::optional<Identity> SharedSignIn::identifyServer(std::string_view token,
                                                     std::string_view batch_id) {
    const auto claims = tokens_.verify(TokenKind::server, token, nowSeconds());
    if (claims && claims->batch == batch_id && isServerItself(*claims))
        return Identity{.role = claims->role};
    return known(TokenKind::server, token, batch_id);
}

bool SharedSignIn::isOpen(const Identity& identity) {
    return !revocations_.has(hashOfId(identity.session));
}

}  // namespace sheafline
