// Identifies callers: sign-in by name and password, and the check of tokens, cookies and stream
// tickets. login() opens a session, which keeps its id through every refresh(). It ends by
// logout(), by a change of its user, or if an old token is used again. The dashboard's cookie
// contains the token; a handler that takes the token from a cookie also checks the Origin.
// Thread-safe. Throws Error if the database or memory fails, never because of the data of a client.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account_store.h"
#include "accounts/api_tokens/api_token_store.h"
#include "accounts/identity.h"
#include "accounts/password_hasher.h"
#include "accounts/throttle/login_throttle.h"
#include "accounts/tokens.h"

namespace sheafline {

inline constexpr std::int64_t kHourSeconds = 3600;

struct SignInTimes {
    std::int64_t token_seconds = 8 * kHourSeconds;      // old clients cannot refresh
    std::int64_t session_seconds = 168 * kHourSeconds;  // the longest time with refreshes
    std::int64_t ticket_seconds = 12 * kHourSeconds;
    std::int64_t refresh_grace_seconds = 60;  // for running requests and other tabs
};

struct SignInClocks {
    std::function<std::int64_t()> wall_seconds{};
    std::function<std::int64_t()>
        steady_ms{};  // for the throttle, so that a jump of the wall clock does not reset it
};

class SignIn {
 public:
    // The first five outlive it.
    SignIn(AccountStore& store, ApiTokenStore& api_tokens, PasswordHasher& hasher,
           const Tokens& tokens, AttemptLog& attempts, SignInClocks clocks, SignInTimes times = {});

    LoginResult login(std::string_view name, std::string_view password, std::string_view address);
    // Counts as an attempt to sign in.
    PasswordCheck check(std::string_view name, std::string_view password, std::string_view address);
    std::optional<Identity> identify(std::string_view token);
    // Returns a new token for the same session; the old one expires soon. If an old token is used
    // again much later, somebody else has it, and the session ends.
    LoginResult refresh(std::string_view token);
    void logout(const Identity& identity);
    std::string ticket(const Identity& identity, const std::string& batch_id);
    std::optional<Identity> identifyTicket(std::string_view ticket, std::string_view batch_id);
    // For an open stream: whether it may continue. Call it again when revision() has changed.
    bool isOpen(const Identity& identity);
    std::int64_t revision() { return store_.revision(); }
    // Call it regularly: removes sessions that nothing depends on any more, and old attempts.
    void sweep();

 private:
    struct Known {
        Claims claims;
        Session session;
    };
    std::optional<Known> known(std::string_view token);
    std::optional<Identity> whileOpen(Claims claims);
    std::optional<Identity> identifyApiToken(std::string_view token);
    LoginResult issue(const Session& session, const std::string& id, std::int64_t generation,
                      std::int64_t expires_at);

    AccountStore& store_;
    ApiTokenStore& api_tokens_;
    PasswordHasher& hasher_;
    const Tokens& tokens_;
    AttemptLog& attempts_;
    const SignInClocks clocks_;
    const SignInTimes times_;
    LoginThrottle throttle_;
};

// At a start without any user, creates `admin`. Returns its password if it was made here, which is
// then shown only once; it comes from `password_file` if there is one. Throws ConfigError if that
// file has no password that can be chosen.
std::optional<std::string> makeFirstAdmin(AccountStore& store, PasswordHasher& hasher,
                                          std::int64_t now, const std::string& password_file = {});

}  // namespace sheafline
