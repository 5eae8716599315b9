#include "accounts/sign_in.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>

#include "accounts/random_id.h"
#include "accounts/server_token.h"

namespace sheafline {

SignIn::SignIn(AccountStore& store, PasswordHasher& hasher, const Tokens& tokens,
               SignInClocks clocks, SignInTimes times, ThrottleLimits limits)
    : store_(store),
      hasher_(hasher),
      tokens_(tokens),
      clocks_(std::move(clocks)),
      times_(times),
      throttle_(limits) {}

LoginResult SignIn::login(std::string_view name, std::string_view password,
                          std::string_view address) {
    const std::int64_t admitted_ms = clocks_.steady_ms();
    const Admission admission = throttle_.admit(name, address, admitted_ms);
    if (admission.retry_after_seconds > 0) {
        return {.retry_after_seconds = admission.retry_after_seconds};
    }
    // Every rejection costs one query and one hash, whatever the reason.
    const auto credentials = store_.credentials(name);
    if (password.size() > kPasswordMaxBytes) password = "";
    bool matches = false;
    try {
        matches = credentials ? hasher_.matches(credentials->password_hash, password)
                              : hasher_.matchesNobody(password);
    } catch (const Error& error) {
        if (error.code() != "BUSY") throw;
        throttle_.notTried(name, address, admitted_ms);
        return {.retry_after_seconds = 1};
    }
    if (!matches || credentials->user.disabled) return {};

    throttle_.succeeded(name, address, admitted_ms);
    std::string hash = credentials->password_hash;
    if (hasher_.needsRehash(hash)) {
        const std::string renewed = hasher_.hash(password);
        store_.replaceHash(name, hash, renewed);
        hash = renewed;
    }
    const std::int64_t now = clocks_.wall_seconds();
    const std::string id = randomId();
    const NewSession session{
        .session = hashOfId(id), .opened_at = now, .expires_at = now + times_.token_seconds};
    if (!store_.open(session, name, hash)) return {};  // disabled or changed in between
    return issue({.user = credentials->user}, id, 0, session.expires_at);
}

LoginResult SignIn::issue(const Session& session, const std::string& id, std::int64_t generation,
                          std::int64_t expires_at) {
    const std::int64_t now = clocks_.wall_seconds();
    const Claims claims{.user = session.user.name,
                        .role = session.user.role,
                        .session = id,
                        .generation = generation,
                        .issued_at = now,
                        .expires_at = expires_at};
    return {.token = tokens_.issue(TokenKind::session, claims),
            .expires_in_seconds = expires_at - now};
}

// Our token with a valid session; the caller checks the generation.
std::optional<SignIn::Known> SignIn::known(std::string_view token) {
    auto claims = tokens_.verify(TokenKind::session, token, clocks_.wall_seconds());
    if (!claims) {  // a server without accounts, for a caller that it has identified
        claims = tokens_.verify(TokenKind::server, token, clocks_.wall_seconds());
        if (!claims || claims->batch != kAccountsPlace) return std::nullopt;
    }
    auto session = store_.find(hashOfId(claims->session));
    if (!session || session->user.name != claims->user || session->user.role != claims->role) {
        return std::nullopt;
    }
    return Known{.claims = std::move(*claims), .session = std::move(*session)};
}

std::optional<Identity> SignIn::identify(std::string_view token) {
    auto caller = known(token);
    if (!caller) return std::nullopt;
    const Session& session = caller->session;
    const bool newest = caller->claims.generation == session.generation;
    const bool just_replaced =
        caller->claims.generation == session.generation - 1 &&
        clocks_.wall_seconds() < session.refreshed_at + times_.refresh_grace_seconds;
    if (!newest && !just_replaced) return std::nullopt;
    return Identity{.user = std::move(caller->claims.user),
                    .role = caller->claims.role,
                    .session = std::move(caller->claims.session),
                    .generation = caller->claims.generation,
                    .expires_at = caller->claims.expires_at};
}

LoginResult SignIn::refresh(std::string_view token) {
    const auto caller = known(token);
    if (!caller) return {};
    const Session& session = caller->session;
    const std::string& id = caller->claims.session;
    const std::int64_t generation = caller->claims.generation;
    const std::int64_t now = clocks_.wall_seconds();
    if (generation == session.generation) {
        const std::int64_t expires_at =
            std::min(now + times_.token_seconds, session.opened_at + times_.session_seconds);
        if (expires_at <= now) return {};
        if (store_.refresh(hashOfId(id), generation, now, expires_at)) {
            return issue(session, id, generation + 1, expires_at);
        }
        // Another tab was faster; its refresh is found below.
    }
    const auto current = store_.find(hashOfId(id));
    if (!current) return {};
    if (generation == current->generation - 1 &&
        now < current->refreshed_at + times_.refresh_grace_seconds) {
        return issue(*current, id, current->generation, current->expires_at);
    }
    store_.end(hashOfId(id));
    return {};
}

void SignIn::logout(const Identity& identity) { store_.end(hashOfId(identity.session)); }

std::string SignIn::ticket(const Identity& identity, const std::string& batch_id) {
    const std::int64_t now = clocks_.wall_seconds();
    return tokens_.issue(TokenKind::ticket, {.user = identity.user,
                                             .role = identity.role,
                                             .session = identity.session,
                                             .batch = batch_id,
                                             .issued_at = now,
                                             .expires_at = now + times_.ticket_seconds});
}

std::optional<Identity> SignIn::identifyTicket(std::string_view ticket, std::string_view batch_id) {
    auto claims = tokens_.verify(TokenKind::ticket, ticket, clocks_.wall_seconds());
    if (!claims || claims->batch != batch_id) return std::nullopt;
    return whileOpen(std::move(*claims));
}

std::optional<Identity> SignIn::identifyServer(std::string_view token, std::string_view batch_id) {
    auto claims = tokens_.verify(TokenKind::server, token, clocks_.wall_seconds());
    if (!claims || claims->batch != batch_id) return std::nullopt;
    if (isServerItself(*claims)) return Identity{.role = claims->role};
    return whileOpen(std::move(*claims));
}

std::optional<Identity> SignIn::whileOpen(Claims claims) {
    const auto session = store_.find(hashOfId(claims.session));
    if (!session || session->user.name != claims.user || session->user.role != claims.role) {
        return std::nullopt;
    }
    return Identity{.user = std::move(claims.user),
                    .role = claims.role,
                    .session = std::move(claims.session),
                    .generation = claims.generation,
                    .expires_at = claims.expires_at};
}

bool SignIn::isOpen(const Identity& identity) { return store_.isOpen(hashOfId(identity.session)); }

void SignIn::sweep() {
    // A ticket that is issued in the last second of a token is valid for ticket_seconds more, and a
    // stream that is opened in its last second may last as long again.
    store_.forgetExpired(clocks_.wall_seconds() - 2 * times_.ticket_seconds - 60);
}

std::optional<std::string> makeFirstAdmin(AccountStore& store, PasswordHasher& hasher,
                                          std::int64_t now) {
    if (!store.users().empty()) return std::nullopt;  // avoids the hash on every later start
    std::string password = randomPassword();
    if (!store.addFirst("admin", Role::admin, hasher.hash(password), now)) return std::nullopt;
    return password;
}

}  // namespace sheafline
