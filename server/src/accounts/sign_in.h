// Who calls: sign-in by name and password, and what a token, a cookie or a stream ticket is worth.
// A session is opened by login(), lives under one id through every refresh(), and ends by logout(),
// by a change of its user, or when it is used in a way that only a thief would. A dashboard's
// cookie holds the token itself; a handler that takes it from there checks the Origin as well.
// Thread-safe. Throws Error where the database or memory fails, never for what a client sent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account_store.h"
#include "accounts/login_throttle.h"
#include "accounts/password_hasher.h"
#include "accounts/session_desk.h"
#include "accounts/tokens.h"

namespace sheafline {

inline constexpr std::int64_t kHourSeconds = 3600;

struct SignInTimes {
    std::int64_t token_seconds = 8 * kHourSeconds;      // old clients cannot refresh
    std::int64_t session_seconds = 168 * kHourSeconds;  // the longest by refreshing
    std::int64_t ticket_seconds = 12 * kHourSeconds;
    std::int64_t refresh_grace_seconds = 60;  // requests on their way, other tabs
};

struct SignInClocks {
    std::function<std::int64_t()> wall_seconds{};
    std::function<std::int64_t()>
        steady_ms{};  // for the throttle: no jump of the wall clock opens it
};

class SignIn : public SessionDesk {
 public:
    // The first three outlive it.
    SignIn(AccountStore& store, PasswordHasher& hasher, const Tokens& tokens, SignInClocks clocks,
           SignInTimes times = {}, ThrottleLimits limits = {});

    LoginResult login(std::string_view name, std::string_view password,
                      std::string_view address) override;
    std::optional<Identity> identify(std::string_view token) override;
    LoginResult refresh(std::string_view token) override;
    void logout(const Identity& identity) override;
    std::string ticket(const Identity& identity, const std::string& batch_id) override;
    std::optional<Identity> identifyTicket(std::string_view ticket,
                                           std::string_view batch_id) override;
    bool isServer(std::string_view token, std::string_view batch_id) override;
    bool isOpen(const Identity& identity) override;
    std::int64_t revision() override { return store_.revision(); }
    void sweep() override;

 private:
    struct Known {
        Claims claims;
        Session session;
    };
    std::optional<Known> known(std::string_view token);
    LoginResult issue(const Session& session, const std::string& id, std::int64_t generation,
                      std::int64_t expires_at);

    AccountStore& store_;
    PasswordHasher& hasher_;
    const Tokens& tokens_;
    const SignInClocks clocks_;
    const SignInTimes times_;
    LoginThrottle throttle_;
};

// On a start without any user, makes `admin` and gives its password, to be shown this once.
std::optional<std::string> makeFirstAdmin(AccountStore& store, PasswordHasher& hasher,
                                          std::int64_t now);

}  // namespace sheafline
