// The results of a sign-in: the caller behind a token, and the answers to a name with a password.
#pragma once

#include <cstdint>
#include <string>

#include "accounts/api_tokens/scopes.h"
#include "accounts/role.h"

namespace sheafline {

struct Identity {
    std::string user{};
    Role role = Role::viewer;
    std::string session{};          // pass it to logout(), ticket() and isOpen()
    Scopes scopes = Scopes::all();  // of an API token: fewer
    bool must_change = false;       // the dashboard requires another password
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

}  // namespace sheafline
