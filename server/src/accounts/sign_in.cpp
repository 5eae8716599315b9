#include "accounts/sign_in.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include <sheafline/error.h>

#include "accounts/passwords/password_rules.h"
#include "accounts/random_id.h"

namespace sheafline {

namespace {

std::string firstLineOf(const std::string& file) {
    std::ifstream stream(file);
    std::string line;
    if (!std::getline(stream, line))
        throw ConfigError("admin-password-file: " + file +
                          " cannot be read or is empty; write the password into its first line");
    return line;
}

}  // namespace

SignIn::SignIn(AccountStore& store, ApiTokenStore& api_tokens, PasswordHasher& hasher,
               const Tokens& tokens, AttemptLog& attempts, SignInClocks clocks, SignInTimes times)
    : store_(store),
      api_tokens_(api_tokens),
      hasher_(hasher),
      tokens_(tokens),
      attempts_(attempts),
      clocks_(std::move(clocks)),
      times_(times),
      throttle_(attempts) {}

PasswordCheck SignIn::check(std::string_view name, std::string_view password,
                            std::string_view address) {
    const std::int64_t admitted_ms = clocks_.steady_ms();
    const Admission admission = throttle_.admit(name, address, admitted_ms);
    if (admission.retry_after_seconds > 0) {
        return {.retry_after_seconds = admission.retry_after_seconds};
    }
    // Every rejection costs one query and one hash, whatever its reason.
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
    return {.hash = credentials->password_hash};
}

LoginResult SignIn::login(std::string_view name, std::string_view password,
                          std::string_view address) {
    const PasswordCheck checked = check(name, password, address);
    if (checked.hash.empty()) return {.retry_after_seconds = checked.retry_after_seconds};
    std::string hash = checked.hash;
    if (hasher_.needsRehash(hash)) {
        const std::string renewed = hasher_.hash(password);
        store_.replaceHash(name, hash, renewed);
        hash = renewed;
    }
    const std::int64_t now = clocks_.wall_seconds();
    const std::string id = randomId();
    const NewSession session{.session = hashOfId(id),
                             .opened_at = now,
                             .expires_at = now + times_.token_seconds,
                             .address = std::string(address)};
    if (!store_.open(session, name, hash)) return {};  // disabled or changed in between
    const auto opened = store_.find(session.session);
    return opened ? issue(*opened, id, 0, session.expires_at) : LoginResult{};
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
    if (!claims) return std::nullopt;
    auto session = store_.find(hashOfId(claims->session));
    if (!session || session->user.name != claims->user || session->user.role != claims->role) {
        return std::nullopt;
    }
    return Known{.claims = std::move(*claims), .session = std::move(*session)};
}

std::optional<Identity> SignIn::identifyApiToken(std::string_view token) {
    const std::int64_t now = clocks_.wall_seconds();
    const auto found = api_tokens_.find(token, now);
    if (!found) return std::nullopt;
    // Without the scope, the rights of an admin over the batches of others do not apply.
    const bool limited = found->user.role == Role::admin && !found->token.scopes.admin;
    return Identity{.user = found->user.name,
                    .role = limited ? Role::operator_ : found->user.role,
                    .session = sessionOfToken(found->token.id),
                    .scopes = found->token.scopes,
                    .expires_at = found->token.expires_at};
}

std::optional<Identity> SignIn::identify(std::string_view token) {
    if (token.starts_with(kApiTokenPrefix)) return identifyApiToken(token);
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
                    .must_change = session.user.must_change,
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

std::optional<Identity> SignIn::whileOpen(Claims claims) {
    if (const std::string_view id = tokenOfSession(claims.session); !id.empty()) {
        const auto user = api_tokens_.userOf(id, clocks_.wall_seconds());
        if (!user || user->name != claims.user || user->role < claims.role) return std::nullopt;
        return Identity{.user = std::move(claims.user),
                        .role = claims.role,
                        .session = std::move(claims.session),
                        .expires_at = claims.expires_at};
    }
    const auto session = store_.find(hashOfId(claims.session));
    if (!session || session->user.name != claims.user || session->user.role != claims.role) {
        return std::nullopt;
    }
    return Identity{.user = std::move(claims.user),
                    .role = claims.role,
                    .session = std::move(claims.session),
                    .expires_at = claims.expires_at};
}

bool SignIn::isOpen(const Identity& identity) {
    const std::string_view token = tokenOfSession(identity.session);
    if (!token.empty()) return api_tokens_.userOf(token, clocks_.wall_seconds()).has_value();
    return store_.isOpen(hashOfId(identity.session));
}

void SignIn::sweep() {
    // A ticket that is issued in the last second of a token is valid for ticket_seconds more, and a
    // stream that is opened in its last second may last as long again.
    store_.forgetExpired(clocks_.wall_seconds() - 2 * times_.ticket_seconds - 60);
    attempts_.forgetOld(clocks_.steady_ms());
}

std::optional<std::string> makeFirstAdmin(AccountStore& store, PasswordHasher& hasher,
                                          std::int64_t now, const std::string& password_file) {
    if (!store.users().empty()) return std::nullopt;  // avoids the hash on every later start
    const bool made_here = password_file.empty();
    std::string password = made_here ? randomPassword() : firstLineOf(password_file);
    if (!made_here) {
        if (const auto finding = passwordError(password, "admin"))
            throw ConfigError("admin-password-file: " + password_file + ": " + *finding);
    }
    const bool added = store.addFirst("admin", Role::admin, hasher.hash(password), now);
    if (!added || !made_here) return std::nullopt;
    return password;
}

}  // namespace sheafline
