// Opens, checks and ends sessions: SignIn on the server that has the accounts, SharedSignIn on the
// others. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/api_tokens/scopes.h"
#include "accounts/role.h"

namespace sheafline {

struct Identity {
    std::string user{};
    Role role = Role::viewer;
    std::string session{};          // pass it to logout(), ticket() and isOpen()
    Scopes scopes = Scopes::all();  // of an API token: fewer
    bool must_change = false;       // the dashboard requires another password
    std::int64_t generation = 0;    // how often the session was refreshed when the token was issued
    std::int64_t expires_at = 0;    // of the token, seconds since 1970
};

struct LoginResult {
    std::string token{};  // empty: rejected, without a reason
    std::int64_t expires_in_seconds = 0;
    std::int64_t retry_after_seconds = 0;  // > 0: too many attempts (429)
};

// The result of a check of a password.
struct PasswordCheck {
    std::string hash{};  // the one that matched; empty: rejected
    std::int64_t retry_after_seconds = 0;
};

class SessionDesk {
 public:
    virtual ~SessionDesk() = default;

    virtual LoginResult login(std::string_view name, std::string_view password,
                              std::string_view address) = 0;
    // Counts as an attempt to sign in. Only where the accounts are.
    virtual PasswordCheck check(std::string_view, std::string_view, std::string_view) { return {}; }
    virtual std::optional<Identity> identify(std::string_view token) = 0;
    // Returns a new token for the same session; the old one expires soon. If an old token is used
    // again much later, somebody else has it, and the session ends.
    virtual LoginResult refresh(std::string_view token) = 0;
    virtual void logout(const Identity& identity) = 0;

    virtual std::string ticket(const Identity& identity, const std::string& batch_id) = 0;
    virtual std::optional<Identity> identifyTicket(std::string_view ticket,
                                                   std::string_view batch_id) = 0;
    // Another server that asks about this batch: for a caller of it, or, with an empty `user`, for
    // itself; then it may read everything about the batch.
    virtual std::optional<Identity> identifyServer(std::string_view token,
                                                   std::string_view batch_id) = 0;
    // For an open stream: whether it may continue. Call it again when revision() has changed.
    virtual bool isOpen(const Identity& identity) = 0;
    virtual std::int64_t revision() = 0;

    // Call it regularly: removes sessions that nothing depends on any more.
    virtual void sweep() = 0;
};

}  // namespace sheafline
