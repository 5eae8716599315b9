#include "api/sign_in_gate.h"

#include "http/message/problem.h"

namespace sheafline::api {

using http::HttpError;

namespace {

Caller callerOf(const Identity& identity) {
    return {.user = identity.user,
            .session = identity.session,
            .may_read = identity.scopes.read,
            .may_create = identity.role >= Role::operator_ && identity.scopes.create,
            .may_decide = identity.role >= Role::reviewer && identity.scopes.decide,
            .may_change = identity.role >= Role::operator_ && identity.scopes.decide,
            .sees_all = identity.role == Role::admin && identity.scopes.admin};
}

HttpError unauthorized() {
    return HttpError(http::Problem{.status = 401,
                                   .code = "UNAUTHORIZED",
                                   .detail = "sign in first: POST /api/auth/login",
                                   .fields = {{"WWW-Authenticate", "Bearer"}}});
}

std::string cookieOf(const http::Call& call) {
    const std::string* header = call.head.find("Cookie");
    if (header == nullptr) return {};
    const std::string wanted = cookieName(call.origin) + '=';
    std::string_view left = *header;
    while (!left.empty()) {
        std::string_view pair = left.substr(0, left.find(';'));
        left.remove_prefix(std::min(left.size(), pair.size() + 1));
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        if (pair.starts_with(wanted)) return std::string(pair.substr(wanted.size()));
    }
    return {};
}

std::string ticketOf(const http::Call& call) {
    constexpr std::string_view kTicket = "ticket=";
    const std::string& query = call.head.query;  // a ticket needs no decoding
    for (std::size_t at = 0; at < query.size();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const auto pair = std::string_view(query).substr(at, end - at);
        if (pair.starts_with(kTicket)) return std::string(pair.substr(kTicket.size()));
        at = end + 1;
    }
    return {};
}

}  // namespace

std::string cookieName(const http::Origin& origin) {
    return origin.https ? "__Host-sheafline" : "sheafline";
}

std::string sessionCookie(const http::Origin& origin, const std::string& token,
                          std::int64_t max_age_seconds) {
    return cookieName(origin) + '=' + token +
           "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_seconds) +
           (origin.https ? "; Secure" : "");
}

void requireOwnOrigin(const http::Call& call) {
    const std::string* origin = call.head.find("Origin");
    const std::string* host = call.head.find("Host");
    const std::string own =
        std::string(call.origin.https ? "https://" : "http://") + (host == nullptr ? "" : *host);
    if (origin == nullptr || *origin != own)
        throw HttpError(403, "FOREIGN_ORIGIN", "this came from a page of another site");
}

SentToken SignInGate::tokenOf(const http::Call& call) {
    constexpr std::string_view kBearer = "Bearer ";
    if (const std::string* header = call.head.find("Authorization")) {
        if (!http::sameName(std::string_view(*header).substr(0, kBearer.size()), kBearer))
            throw unauthorized();
        return {.text = header->substr(kBearer.size())};
    }
    SentToken sent{.text = cookieOf(call), .in_cookie = true};
    if (sent.text.empty()) throw unauthorized();
    if (call.head.method != "GET" && call.head.method != "HEAD") requireOwnOrigin(call);
    return sent;
}

Identity SignInGate::identityOf(const http::Call& call) {
    const auto identity = sign_in_.identify(tokenOf(call).text);
    if (!identity) throw unauthorized();
    return *identity;
}

Caller SignInGate::identify(const http::Call& call) { return callerOf(identityOf(call)); }

Caller SignInGate::identifyWatcher(const http::Call& call, std::string_view batch_id) {
    const std::string ticket = ticketOf(call);
    if (ticket.empty()) {
        Caller caller = identify(call);
        if (!caller.may_read) throw HttpError(403, "FORBIDDEN", "the token lacks the scope 'read'");
        return caller;
    }
    const auto identity = sign_in_.identifyTicket(ticket, batch_id);
    if (!identity) throw unauthorized();
    return callerOf(*identity);
}

}  // namespace sheafline::api
